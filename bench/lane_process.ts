/**
 * The process of a lane: holds the side that answers, the side that calls, or both, and does what
 * its standard input says, one line at a time. It ends with its input.
 *
 *     lane_process.ts <contestant> <topic> <serve> <call>      each of the two: yes or no
 *
 * @module
 */
import { linesOf } from "../tools/lines.ts";
import { CONTESTANTS } from "./contestants.ts";
import { burst, sequential } from "./measure.ts";
import { usage } from "./usage.ts";

const [name = "", topic = "", serves, calls] = Deno.args;
const contestant = CONTESTANTS[name];
if (contestant === undefined) throw new Error(`there is no contestant "${name}"`);

/** One line to the parent. */
const answer = (value: unknown) => console.log(JSON.stringify(value));

async function main({ serve, connect }: NonNullable<typeof contestant>): Promise<void> {
  await using sides = new AsyncDisposableStack();
  if (serves === "yes") sides.use(await serve(topic));
  const caller = calls === "yes" ? sides.use(await connect(topic)) : undefined;
  answer("ready");
  for await (const line of linesOf(Deno.stdin.readable)) {
    const [what, count] = line.split(" ");
    if (what === "usage") answer(usage());
    else if (caller && what === "sequential") answer(await sequential(caller, Number(count)));
    else if (caller && what === "burst") answer(await burst(caller, Number(count)));
    else throw new Error(`cannot do "${line}"`);
  }
}

await main(contestant);
Deno.exit();
