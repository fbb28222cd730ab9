// The README's server and client, as they stand there, in two processes.
import { assertEquals } from "@std/assert";
import { brokerList } from "../../src/transport/brokers.ts";
import { Script } from "./script.ts";

const root = new URL("../../", import.meta.url);

/** A block of the README, whose first line names its file, aimed at this test's broker. */
async function block(readme: string, name: string, folder: string): Promise<string> {
  const [, code] = new RegExp(`\`\`\`ts\\n// ${name}\\n([^\`]*?)\`\`\``).exec(readme) ?? [];
  if (code === undefined) throw new Error(`README.md has no block that begins with // ${name}`);
  const [broker] = brokerList(undefined);
  const path = `${folder}/${name}`;
  const here = code.replaceAll("127.0.0.1:9092", broker!)
    .replaceAll('"./examples/', `"${new URL("./examples/", root).href}`);
  await Deno.writeTextFile(path, here);
  return new URL(`file://${path}`).href;
}

Deno.test("the server and the client of the README talk", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const folder = await Deno.makeTempDir();
  try {
    await using server = new Script(await block(readme, "server.ts", folder));
    const serving = (line: string) => line.includes("serving");
    await server.errors.until((lines) => lines.some(serving), "the line of a server that serves");
    await using client = new Script(await block(readme, "client.ts", folder));
    const { stdout, stderr } = await client.end();
    server.kill("SIGINT");
    const { code } = await server.end();
    assertEquals([stdout, stderr, code], ["3\n2\n", "", 0]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
