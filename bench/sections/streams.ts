/**
 * How fast the values of one stream come, beside a burst of as many calls: in process and out of a
 * sandbox, both sides in this process.
 *
 * @module
 */
import { connect, serve, type ServeOptions, stderrLogger } from "@kafka-rpc/deno";
import { removeTopics, scratchTopic } from "../../tools/scratch_topics.ts";
import * as commands from "../contestants/commands.ts";
import { burst } from "../measuring/calls.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import type { SectionPlace } from "./section.ts";

const MODULE = new URL("../contestants/commands.ts", import.meta.url);

/** Rows that a goal compares. */
export const STREAM_ROWS = {
  calls: "calls at once, in process",
  inProcess: "one stream, in process",
  process: "one stream, process",
} as const;

interface Measured {
  readonly row: Row;
  /** Takes so many values; resolves with the milliseconds. */
  readonly run: (values: number) => Promise<number>;
}

/** Measures it. */
export async function streams(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  await using parts = new AsyncDisposableStack();
  const values = place.quick ? 20_000 : 100_000;
  const rounds = place.quick ? 2 : 5;
  const inProcess = await open(place, parts, { commands: { ...commands } });
  const sandboxed = await open(place, parts, { commands: MODULE });
  const measured: readonly Measured[] = [
    { row: rowOf(STREAM_ROWS.calls), run: inProcess.calls },
    { row: rowOf(STREAM_ROWS.inProcess), run: inProcess.stream },
    { row: rowOf(STREAM_ROWS.process), run: sandboxed.stream },
  ];
  for (const { run } of measured) await run(1_000);
  for (let round = 0; round < rounds; round++) {
    for (const { row, run } of measured) {
      sample(row, "values", values / await run(values) * 1_000);
    }
  }
  const rows = measured.map(({ row }) => row);
  return [{ title: `Streams: ${rounds} rounds of ${values} values`, rows }];
}

const rowOf = (name: string): Row => ({ name, samples: {} });

/** A server and a client on topics of their own. */
async function open(place: SectionPlace, parts: AsyncDisposableStack, options: ServeOptions) {
  const brokers = [...place.brokers];
  const topic = scratchTopic("bench-streams");
  parts.defer(async () => {
    const problem = await removeTopics(brokers, topic);
    if (problem !== undefined) console.error(`The topics ${topic}… are left: ${problem}`);
  });
  const logger = stderrLogger("error");
  parts.use(await serve({ ...options, brokers, topic, logger, signal: place.signal }));
  const client = parts.use(await connect<typeof commands>({ brokers, topic }));
  const caller = {
    call: () => client.call("add", { a: 1, b: 2 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return {
    stream: async (values: number) => {
      const start = performance.now();
      let seen = 0;
      for await (const value of client.stream("numbers", values)) {
        if (value !== seen++) throw new Error(`value ${value} came at the place ${seen - 1}`);
      }
      if (seen !== values) throw new Error(`${seen} of ${values} values came`);
      return performance.now() - start;
    },
    /** As many as one burst may have, and then the next. */
    calls: async (values: number) => {
      let milliseconds = 0;
      for (let left = values; left > 0; left -= 10_000) {
        milliseconds += await burst([caller], Math.min(left, 10_000));
      }
      return milliseconds;
    },
  };
}
