/**
 * The demo's server process. It ends when its standard input does, and so also when the demo is
 * killed outright.
 *
 * @module
 */
import { RpcError, serve, stderrLogger } from "@kafka-rpc/deno";

/** Serves until the signal aborts. */
async function main(signal: AbortSignal): Promise<void> {
  await using server = await serve({
    commands: new URL("../examples/commands.ts", import.meta.url),
    evaluate: true,
    topic: Deno.args[0],
    logger: stderrLogger("error"),
    signal,
  });
  console.log("ready");
  await server.finished;
}

const parent = new AbortController();
// A Ctrl-C reaches every process of the terminal, this one too.
for (const name of Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"]) {
  Deno.addSignalListener(name as Deno.Signal, () => parent.abort());
}
// Nothing is ever written to it: its end is the news.
Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => parent.abort());
try {
  await main(parent.signal);
} catch (error) {
  if (!parent.signal.aborted) {
    console.error(error instanceof RpcError ? error.message : error);
    Deno.exitCode = 1;
  }
}
Deno.exit();
