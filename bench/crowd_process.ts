/**
 * A server and so many clients in one process, for `crowd.ts`. It does what its standard input says,
 * one line at a time, and ends with it.
 *
 *     crowd_process.ts <topic> <clients>
 *
 * @module
 */
import { type Client, connect, serve, stderrLogger } from "@kafka-rpc/deno";
import { linesOf } from "../tools/lines.ts";
import type * as commands from "./commands.ts";
import { add } from "./commands.ts";
import { usage } from "./usage.ts";

type Caller = Client<typeof commands>;

/** So many calls in all, with so many in flight, by the clients in turn. */
async function closed(clients: readonly Caller[], count: number, inFlight: number) {
  const times: number[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (next < count) {
      const client = clients[next++ % clients.length]!;
      const at = performance.now();
      await client.call("add", { a: 1, b: 2 });
      times.push(performance.now() - at);
    }
  }));
  return times;
}

const answer = (value: unknown) => console.log(JSON.stringify(value));

async function main(topic: string, count: number): Promise<void> {
  const logger = stderrLogger("error");
  await using parts = new AsyncDisposableStack();
  const began = performance.now();
  parts.use(await serve({ commands: { add }, topic, logger }));
  const served = performance.now();
  const first = parts.use(await connect<typeof commands>({ topic }));
  await first.call("add", { a: 1, b: 2 });
  const firstAnswer = performance.now();
  const rest = Array.from({ length: count - 1 }, () => connect<typeof commands>({ topic }));
  const clients = [first, ...await Promise.all(rest)];
  clients.slice(1).forEach((client) => parts.use(client));
  answer({ servedMs: served - began, firstAnswerMs: firstAnswer - served });
  for await (const line of linesOf(Deno.stdin.readable)) {
    const [what, calls, inFlight] = line.split(" ");
    if (what === "usage") answer(usage());
    else if (what === "closed") answer(await closed(clients, Number(calls), Number(inFlight)));
    else throw new Error(`cannot do "${line}"`);
  }
}

await main(Deno.args[0] ?? "", Number(Deno.args[1]));
Deno.exit();
