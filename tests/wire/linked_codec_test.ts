// MessagePack in a project of its own, which finds a clone of this repository by `links`.
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ScratchFolder } from "../scratch_folder.ts";

const NAME = "@kafka-rpc/deno/msgpack";
/** The same module; what it imports is still looked up in the configuration of the clone. */
const PATH = "./kafka-rpc/src/wire/codecs/msgpack.ts";

const COMMANDS = `
export const halves = ({ bytes, taken }: { bytes: Uint8Array; taken: Date }) => ({
  halves: [bytes.slice(0, 1), bytes.slice(1)],
  taken,
});
`;

const program = (codec: string) => `
import { connect, serve, silentLogger as logger } from "@kafka-rpc/deno";
import { MemoryBroker } from "@kafka-rpc/deno/memory";
import codec from "${codec}";

const broker = new MemoryBroker();
await using _server = await serve({
  commands: new URL("./commands.ts", import.meta.url),
  codecs: [new URL(import.meta.resolve("${codec}"))],
  transport: broker.transport(),
  logger,
});
await using client = await connect({ codec, transport: broker.transport() });
console.log(await client.call("halves", { bytes: Uint8Array.of(1, 2), taken: new Date(0) }));
`;

for (const [how, codec] of [["its name", NAME], ["a path", PATH]] as const) {
  Deno.test(`a project that links a clone uses MessagePack, in its sandboxes too, by ${how}`, async () => {
    await using folder = await ScratchFolder.create({
      "deno.json": JSON.stringify({
        imports: { "@kafka-rpc/deno": "jsr:@kafka-rpc/deno@^0.1.0" },
        links: ["./kafka-rpc"],
      }),
      "commands.ts": COMMANDS,
      "program.ts": program(codec),
    });
    await Deno.symlink(
      fileURLToPath(new URL("../../", import.meta.url)),
      `${folder.path}/kafka-rpc`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "program.ts"],
      cwd: folder.path,
      env: { NO_COLOR: "1" },
    }).output();
    const [printed, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const result = `{
  halves: [ Uint8Array(1) [ 1 ], Uint8Array(1) [ 2 ] ],
  taken: 1970-01-01T00:00:00.000Z
}
`;
    assertEquals({ code, printed, errors }, { code: 0, printed: result, errors: "" });
  });
}
