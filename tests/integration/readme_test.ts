// The README's first service, as it stands there: four files in an empty folder, two processes.
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ScratchFolder } from "../scratch_folder.ts";
import { Script } from "./script.ts";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["deno.json", "commands.ts", "server.ts", "client.ts"];

/** A folder with the blocks of the README whose first lines name a file, and the clone they want. */
async function quickstart(): Promise<ScratchFolder> {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const blocks = FILES.map((name) => {
    const block = new RegExp(`^\`\`\`[\\w ]+\\n// ${name}\\n(.*?)^\`\`\``, "ms");
    const [, code] = block.exec(readme) ?? [];
    if (code === undefined) throw new Error(`README.md has no block that begins with // ${name}`);
    return [name, code] as const;
  });
  const folder = await ScratchFolder.create(Object.fromEntries(blocks));
  await Deno.symlink(fileURLToPath(ROOT), `${folder.path}/kafka-rpc`);
  return folder;
}

Deno.test("the first service of the README passes `deno check` in an empty folder", async () => {
  await using folder = await quickstart();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "server.ts", "client.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
});

Deno.test("the server and the client of the README talk, from an empty folder", async () => {
  await using folder = await quickstart();
  await using server = new Script(folder.url("server.ts").href);
  const serving = (line: string) => line.includes("serving");
  await server.errors.until((lines) => lines.some(serving), "the line of a server that serves");
  await using client = new Script(folder.url("client.ts").href);
  const { stdout, stderr } = await client.end();
  server.kill("SIGINT");
  const { code } = await server.end();
  const lines = "3\nout_of_range remote Cannot divide: the divisor is 0.\n";
  assertEquals([stdout, stderr, code], [lines, "", 0]);
});
