// Peers of the bench are installed by tools of other makers, which a machine may not have.
import { assertEquals, assertRejects } from "@std/assert";
import { runCommand } from "../../bench/peers/commands.ts";
import { MissingError } from "../../bench/peers/peer.ts";

const { signal } = new AbortController();
const evaluate = (code: string) => [Deno.execPath(), "eval", code] as const;

Deno.test("a peer's tool that is not installed is named", async () => {
  const missing = runCommand(["no-such-tool", "--version"], { signal });
  await assertRejects(() => missing, MissingError, "there is no command `no-such-tool`");
});

Deno.test("a peer's tool that fails is quoted with its last lines", async () => {
  const failing = runCommand(evaluate("console.error('no network'); Deno.exit(3)"), { signal });
  await assertRejects(() => failing, MissingError, "failed with code 3:\nno network");
});

Deno.test("a peer's tool gives what it printed", async () => {
  assertEquals(await runCommand(evaluate("console.log('1.2.3')"), { signal }), "1.2.3");
});

Deno.test("a peer's tool that the user interrupts is not taken for a missing one", async () => {
  const reason = new Error("interrupted");
  const interrupted = runCommand(evaluate(""), { signal: AbortSignal.abort(reason) });
  assertEquals(await interrupted.catch((error) => error), reason);
});
