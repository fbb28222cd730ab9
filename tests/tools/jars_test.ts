import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  chooseVersion,
  jarsFolder,
  KAFKA_VERSIONS,
  kafkaVersion,
  readSums,
  verifyJars,
  versionFile,
} from "../../tools/kafka/jars.ts";

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

for (const version of KAFKA_VERSIONS) {
  Deno.test(`the committed sums of Kafka ${version} are those of the version in its pom`, async () => {
    const sums = await readSums(versionFile("SHA256SUMS", version));
    const pom = await Deno.readTextFile(versionFile("pom.xml", version));
    assertMatch(pom, new RegExp(`<version>${version}</version>`));
    assertEquals(sums.has(`kafka_2.13-${version}.jar`), true);
    for (const sum of sums.values()) assertMatch(sum, /^[0-9a-f]{64}$/);
  });
}

Deno.test("a version of Kafka may be named by its beginning", () => {
  assertEquals(chooseVersion(""), KAFKA_VERSIONS[0]);
  assertEquals(["3.9", "3.9.2"].map(chooseVersion), ["3.9.2", "3.9.2"]);
});

Deno.test("a version of Kafka that is not pinned is refused, with those that are", () => {
  const error = assertThrows(() => chooseVersion("3.90"), Error);
  assertMatch(error.message, /Cannot use Kafka 3\.90: .*3\.9\.2/);
});

Deno.test("KAFKA_VERSION chooses the version where one is asked for", () => {
  const before = Deno.env.get("KAFKA_VERSION");
  try {
    Deno.env.set("KAFKA_VERSION", "3.9");
    assertEquals(kafkaVersion(), "3.9.2");
    Deno.env.set("KAFKA_VERSION", "3.90");
    assertThrows(() => kafkaVersion(), Error, "Cannot use Kafka 3.90");
  } finally {
    if (before === undefined) Deno.env.delete("KAFKA_VERSION");
    else Deno.env.set("KAFKA_VERSION", before);
  }
});

Deno.test("other sums mean another folder", async () => {
  const one = await jarsFolder(new Map([["a.jar", EMPTY]]));
  const other = await jarsFolder(new Map([["a.jar", "0".repeat(64)]]));
  assertNotEquals(one, other);
});
