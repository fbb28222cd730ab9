/**
 * The streams of a simulation, and what became of each.
 *
 * @module
 */
import { type Client, type CommandContext, RpcError } from "@kafka-rpc/deno";
import { clock } from "../../src/async/clock.ts";
import { delay } from "../../src/async/delay.ts";
import type { Incidents } from "./incidents.ts";

/** Longest wait for each value. */
const TIMEOUT_MS = 10_000;
/** Most values of a stream, and longest pause before each. */
const MOST = { values: 60, everyMs: 150 };
/** What a stream may fail with where something has happened. */
const EXCUSABLE = ["aborted", "deadline_exceeded", "unavailable"];

/** Input of a stream. */
interface Input {
  readonly call: string;
  readonly count: number;
  readonly everyMs: number;
}

/** What became of a stream. Times are the simulation's. */
interface Outcome {
  readonly call: string;
  readonly count: number;
  /** `ok`, an error's code, or what was thrown that is no RpcError. */
  readonly status: string;
  readonly message: string;
  readonly values: number;
  /** Values that came at another place than theirs. */
  readonly misplaced: number;
  /** What the error says of the values that came. */
  readonly delivered: unknown;
  readonly firstAt: number;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** Takes streams at times that chance decides, and serves them. */
export class Streams {
  readonly outcomes: Outcome[] = [];
  readonly #runs: { readonly call: string; readonly at: number }[] = [];
  #expected = 0;

  /** The command. */
  readonly ticks = async function* (
    this: Streams,
    { call, count, everyMs }: Input,
    { signal }: CommandContext,
  ): AsyncGenerator<number> {
    this.#runs.push({ call, at: clock.now() });
    for (let n = 0; n < count && !signal.aborted; n++) {
      await delay(everyMs, { signal });
      yield n;
    }
  }.bind(this);

  /** Takes so many streams, which begin within a time. */
  async take(client: Client, count: number, withinMs: number): Promise<void> {
    this.#expected += count;
    const begin = Array.from({ length: count }, () => clock.random() * withinMs);
    await Promise.all(begin.map(async (ms) => {
      await delay(ms);
      await this.#take(client);
    }));
  }

  async #take(client: Client): Promise<void> {
    const call = clock.id();
    const count = Math.ceil(clock.random() * MOST.values);
    const input: Input = { call, count, everyMs: clock.random() * MOST.everyMs };
    const begunAt = clock.now();
    let [values, misplaced, firstAt] = [0, 0, Infinity];
    const end = (status: string, message = "", delivered: unknown = undefined) => {
      const ends = { status, message, delivered, begunAt, endedAt: clock.now() };
      this.outcomes.push({ call, count, values, misplaced, firstAt, ...ends });
    };
    try {
      for await (const value of client.stream("ticks", input, { timeoutMs: TIMEOUT_MS })) {
        if (values === 0) firstAt = clock.now();
        if (value !== values++) misplaced++;
      }
      end("ok");
    } catch (error) {
      if (!(error instanceof RpcError)) return end(`untyped ${error}`);
      end(error.code, error.message, Object(error.details).delivered);
    }
  }

  /** What was promised and not kept. */
  judge(incidents: Incidents): string[] {
    const broken: string[] = [];
    const count = (what: string, wrong: (outcome: Outcome) => boolean) => {
      const found = this.outcomes.filter(wrong);
      const [one] = found;
      if (one === undefined) return;
      const { call, status, message, values, begunAt, endedAt } = one;
      const times = `${begunAt.toFixed(0)} to ${endedAt.toFixed(0)}`;
      const text = `as ${call}, ${times}: ${status} ${message} (${values} values)`;
      broken.push(`${found.length} streams ${what}, ${text}`);
    };
    const without = this.#expected - this.outcomes.length;
    if (without > 0) broken.push(`${without} streams without an end`);
    count("with values missing, twice or out of order", ({ misplaced }) => misplaced > 0);
    count("cut short", ({ status, values, count }) => status === "ok" && values !== count);
    count(
      "with a wrong `delivered`",
      ({ status, values, delivered }) =>
        status === "aborted" && delivered !== undefined && delivered !== values,
    );
    count("failed without an excuse", ({ status, begunAt, endedAt }) =>
      status !== "ok" &&
      (!EXCUSABLE.includes(status) || incidents.within(begunAt, endedAt).length === 0));
    count(
      "run again after their first value",
      ({ call, firstAt }) => this.#runs.some((run) => run.call === call && run.at > firstAt),
    );
    return broken;
  }
}
