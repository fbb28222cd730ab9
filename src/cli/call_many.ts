// Many calls, and what came of them.
import { build, type Histogram } from "hdr-histogram-js";
import { RpcError } from "../wire/errors.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { duration, grouped, table } from "./layout.ts";
import { openLoop } from "./open_loop.ts";
import type { Output } from "./output.ts";

export interface Load {
  readonly count: number;
  /** Calls a second; undefined: each begins when the one before has ended. */
  readonly rate: number | undefined;
}

/** Calls in flight at most; one more begins later, and its latency counts from when it was due. */
const MAX_IN_FLIGHT = 1_000;
/** Resolution of the histogram: a microsecond. */
const PER_MS = 1_000;
const BUCKETS_MS = [0.5, 1, 2, 3, 5, 8, 13, 20, 30, 50, 80, 130, 200, 300, 500, 800, 1_300, 2_000];
const PERCENTILES = [50, 90, 99, 99.9];

/** What came of many calls. */
export class Tally {
  readonly #latencies: Histogram = build({
    lowestDiscernibleValue: 1,
    numberOfSignificantValueDigits: 3,
  });
  readonly #codes = new Map<string, number>();
  /** Successful calls by the upper end of their bucket, in milliseconds. */
  readonly buckets = new Map<number, number>(BUCKETS_MS.map((end) => [end, 0]));
  readonly began: number = performance.now();

  get failed(): number {
    return [...this.#codes].reduce((sum, [code, count]) => code === "ok" ? sum : sum + count, 0);
  }

  count(code: string, milliseconds: number): void {
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    // The latency of what was refused at once is not that of a call.
    if (code !== "ok") return;
    this.#latencies.recordValue(Math.max(1, Math.round(milliseconds * PER_MS)));
    const end = BUCKETS_MS.find((one) => milliseconds <= one) ?? Infinity;
    this.buckets.set(end, (this.buckets.get(end) ?? 0) + 1);
  }

  summary() {
    const latencies = this.#latencies;
    const seconds = (performance.now() - this.began) / 1_000;
    const calls = [...this.#codes.values()].reduce((sum, count) => sum + count, 0);
    const at = (percentile: number) => latencies.getValueAtPercentile(percentile) / PER_MS;
    const known = latencies.totalCount > 0;
    return {
      calls,
      seconds: Number(seconds.toFixed(3)),
      perSecond: Number((calls / seconds).toFixed(1)),
      codes: Object.fromEntries(this.#codes),
      latencyMs: known
        ? {
          min: latencies.minNonZeroValue / PER_MS,
          ...Object.fromEntries(PERCENTILES.map((one) => [`p${one}`, at(one)])),
          max: latencies.maxValue / PER_MS,
        }
        : undefined,
    };
  }
}

/** Makes them all, and writes the summary. */
export async function callMany(
  call: () => Promise<unknown>,
  load: Load,
  { output, signal }: Pick<Invocation, "output" | "signal">,
): Promise<number> {
  const tally = await makeCalls(call, load, signal);
  writeSummary(tally, output);
  return tally.failed === 0 ? EXIT.ok : EXIT.failed;
}

/** An open loop where there is a rate, else one call after the other. */
export async function makeCalls(
  call: () => Promise<unknown>,
  { count, rate }: Load,
  signal: AbortSignal,
): Promise<Tally> {
  const tally = new Tally();
  const make = async (due: number) => {
    const code = await call().then(() => "ok", codeOf);
    if (!signal.aborted) tally.count(code, performance.now() - due);
  };
  if (rate !== undefined) await openLoop(make, { rate, count, maxInFlight: MAX_IN_FLIGHT, signal });
  else {for (let index = 0; index < count && !signal.aborted; index++) {
      await make(performance.now());
    }}
  return tally;
}

function codeOf(error: unknown): string {
  return error instanceof RpcError ? error.code : "aborted";
}

export function writeSummary(tally: Tally, output: Output): void {
  const summary = tally.summary();
  if (output.isJson) return output.value(summary);
  const { calls, seconds, perSecond, codes, latencyMs } = summary;
  output.line(`${grouped(calls)} calls in ${seconds} s, ${perSecond} a second`);
  for (const [code, count] of Object.entries(codes)) {
    output.line(`  ${output.paint(code, code === "ok" ? "green" : "red")} ${grouped(count)}`);
  }
  if (latencyMs === undefined) return;
  const names = Object.keys(latencyMs);
  const columns = names.map((title) => ({ title, align: "right" as const }));
  const cells = Object.values(latencyMs).map(duration);
  for (const line of table(columns, [cells], output.columns)) output.line(line);
}
