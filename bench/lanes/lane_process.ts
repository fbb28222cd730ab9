/**
 * A program of a lane: holds the side that answers, sides that call, or both, and does what its
 * standard input says, one line at a time. It ends with its input.
 *
 *     lane_process.ts <LanePart as JSON>
 *
 * @module
 */
import { linesOf } from "../../tools/lines.ts";
import { release } from "../contestants/commands.ts";
import type { Answerer, Caller, Setting } from "../contestants/contestant.ts";
import { contestantOf } from "../contestants/contestants.ts";
import { burst, closedLoop } from "../measuring/calls.ts";
import { measureOpenLoop } from "../measuring/open_loop.ts";
import { profiled } from "../measuring/profile.ts";

/** What a program of a lane holds. */
export interface LanePart {
  /** Name of the contestant. */
  readonly contestant: string;
  /** What its sides are started with. */
  readonly setting: Setting;
  /** Whether it answers. */
  readonly serves: boolean;
  /** How many sides call. */
  readonly clients: number;
}

/** With `--v8-flags=--expose-gc`. */
declare const gc: () => void;

function heapBytes(): number {
  gc();
  gc(); // what the first has finalised
  return Deno.memoryUsage().heapUsed;
}

/** Bytes of heap of each of so many calls that are in flight; both sides are in this process. */
async function pendingBytes(caller: Caller, answerer: Answerer, count: number): Promise<number> {
  if (!caller.hold || !answerer.pending) throw new Error("this contestant holds no calls");
  const before = heapBytes();
  const calls = Array.from({ length: count }, caller.hold);
  while (answerer.pending() < count) await new Promise((resolve) => setTimeout(resolve, 5));
  const bytes = (heapBytes() - before) / count;
  // Those that waited for a slot begin after the first were released.
  const timer = setInterval(release, 1);
  await Promise.all(calls);
  clearInterval(timer);
  return bytes;
}

const answer = (value: unknown) => console.log(JSON.stringify(value));

async function main({ contestant, setting, serves, clients }: LanePart): Promise<void> {
  const { serve, connect } = await contestantOf(contestant);
  await using sides = new AsyncDisposableStack();
  const answerer = serves ? sides.use(await serve(setting)) : undefined;
  const callers: Caller[] = [];
  if (clients > 0) {
    callers.push(sides.use(await connect(setting)));
    await callers[0]!.call();
    const rest = Array.from({ length: clients - 1 }, () => connect(setting));
    for (const caller of await Promise.all(rest)) callers.push(sides.use(caller));
  }
  answer("ready");
  for await (const line of linesOf(Deno.stdin.readable)) {
    const [what, first, second, third] = line.split(" ");
    const [a, b, c] = [Number(first), Number(second), Number(third)];
    if (what === "heap") answer(heapBytes());
    else if (what === "closed") answer(await closedLoop(callers, a, b));
    else if (what === "burst") answer(await burst(callers, a));
    else if (what === "profile") answer(await profiled(() => burst(callers, a)));
    else if (what === "open") {
      const [caller] = callers as [Caller];
      answer(await measureOpenLoop(() => caller.call(), { rate: a, count: b, maxInFlight: c }));
    } else if (what === "pending" && answerer) {
      answer(await pendingBytes(callers[0]!, answerer, a));
    } else throw new Error(`cannot do "${line}"`);
  }
}

if (import.meta.main) {
  await main(JSON.parse(Deno.args[0]!));
  Deno.exit();
}
