import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { inheritedDescriptors } from "../../src/executor/inherited_descriptors.ts";
import { ProcessSandbox } from "../../src/executor/process_sandbox.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { never } from "../executor/jobs.ts";
import { Arena } from "./arena.ts";

/** Runs a program whose descriptors 5 and 7, and 0, a shell has opened; gives what it prints. */
async function runWithDescriptors(fixture: string, ...args: string[]): Promise<string> {
  const script = new URL(`./fixtures/${fixture}`, import.meta.url).href;
  const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
  const open = 'echo secret | { exec 5<&0 7</etc/passwd </dev/null; exec "$@"; }';
  const program = [Deno.execPath(), "run", "-A", ...flags, script, ...args];
  const { stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", open, "sh", ...program],
  }).output();
  const text = new TextDecoder();
  assertEquals(text.decode(stderr), "");
  return text.decode(stdout).trim();
}

/** Reads a descriptor by Node's interface, which asks for no permission. */
const readDescriptor = (descriptor: number) =>
  `await import("node:net").then(({ Socket }) => new Promise((resolve) => {
    const socket = new Socket({ fd: ${descriptor} });
    socket.on("data", (bytes) => resolve("read: " + bytes));
    socket.on("error", () => resolve("refused"));
    socket.on("close", () => resolve("closed"));
  }))`;

for (const [descriptor, what] of [[5, "a pipe"], [7, "a file"]] as const) {
  Deno.test({
    name: `${what} that the server's parent left open cannot be read by an expression`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const got = await runWithDescriptors("inherited.ts", readDescriptor(descriptor));
      assertMatch(got, /^ok: "(refused|closed)"$/);
    },
  });
}

Deno.test({
  name: "the descriptors that children would inherit are found, and no other",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const found: number[] = JSON.parse(await runWithDescriptors("inherited_descriptors.ts"));
    // Whatever runs this test may have left others open.
    const own = await inheritedDescriptors(Deno.execPath());
    assertEquals(found, [...new Set([...own, 5, 7])].sort((a, b) => a - b));
  },
});

Deno.test("a child with more permissions than were granted runs nothing", async () => {
  const memoryMb = 96;
  const command = await childCommand({ permissions: {}, memoryMb });
  const args = command.args.map((arg) => arg === "run" ? ["run", "--allow-all"] : [arg]).flat();
  const error = await assertRejects(() =>
    ProcessSandbox.start({
      command: { ...command, args },
      boot: { resultBytes: 1_000 },
      memoryMb,
      logger: silentLogger,
      signal: never,
    }), RpcError);
  assertMatch(error.message, /it has the permission "\w+" ungranted/);
});

/** Open pipes of this process. */
function pipes(): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("pipe:");
    } catch (error) {
      // The folder's own descriptor is gone by the time it is looked at.
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }).length;
}

Deno.test({
  name: "children that have ended leave no descriptor behind",
  // Where it is seen: other systems have no /proc.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using arena = await Arena.open({ size: 2 });
    const run = async (count: number) => {
      for (let i = 0; i < count; i++) await arena.run("1");
    };
    await run(4);
    const before = pipes();
    await run(20);
    // Some children start or end just now, with three pipes each; twenty would have left twenty.
    const grown = pipes() - before;
    assert(grown < 15, `${grown} pipes more`);
  },
});
