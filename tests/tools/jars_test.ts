import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { jarsFolder, KAFKA_VERSION, readSums, verifyJars } from "../../tools/kafka/jars.ts";

const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async function withFolder(names: string[], use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "kafka-rpc-jars-" });
  try {
    for (const name of names) await Deno.writeTextFile(`${folder}/${name}`, "");
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("jars that are what the sums say are accepted", async () => {
  await withFolder(["a.jar", "b.jar"], async (folder) => {
    await verifyJars(folder, new Map([["a.jar", EMPTY], ["b.jar", EMPTY]]));
  });
});

Deno.test("a changed, a missing and a surplus jar are each refused by name", async () => {
  await withFolder(["a.jar", "b.jar", "c.jar"], async (folder) => {
    const sums = new Map([["a.jar", EMPTY], ["b.jar", "0".repeat(64)], ["d.jar", EMPTY]]);
    const error = await assertRejects(() => verifyJars(folder, sums), Error);
    assertMatch(error.message, /b\.jar does not have the SHA-256 sum/);
    assertMatch(error.message, /d\.jar is missing/);
    assertMatch(error.message, /c\.jar is surplus/);
    assertMatch(error.message, /Delete that folder/);
    assertEquals(/[^\w]a\.jar/.test(error.message), false);
  });
});

Deno.test("the committed sums are those of the version in the pom", async () => {
  const sums = await readSums();
  const pom = await Deno.readTextFile(new URL("../../tools/kafka/pom.xml", import.meta.url));
  assertMatch(pom, new RegExp(`<version>${KAFKA_VERSION}</version>`));
  assertEquals(sums.has(`kafka_2.13-${KAFKA_VERSION}.jar`), true);
  for (const sum of sums.values()) assertMatch(sum, /^[0-9a-f]{64}$/);
});

Deno.test("other sums mean another folder", async () => {
  const one = await jarsFolder(new Map([["a.jar", EMPTY]]));
  const other = await jarsFolder(new Map([["a.jar", "0".repeat(64)]]));
  assertNotEquals(one, other);
});
