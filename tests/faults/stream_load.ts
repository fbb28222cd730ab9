/**
 * Streams that run while something breaks, and what became of each of them.
 *
 * @module
 */
import { connect, RpcError, silentLogger } from "@kafka-rpc/deno";
import { libraryUnderTest } from "../library_under_test.ts";
import type { Scene } from "./row.ts";
import type { Ticks } from "./work.ts";

/** How a {@linkcode StreamLoad} streams. */
export interface StreamLoadOptions {
  /** Streams at once. */
  readonly streams: number;
  /** Values of each. */
  readonly count: number;
  /** Milliseconds before each value. */
  readonly everyMs: number;
  /** Bytes of each value. Default: a few. */
  readonly padding?: number;
  /** Milliseconds that the loop takes for each value. Default: 0. */
  readonly slowMs?: number;
}

/** What became of one stream. */
export interface StreamOutcome {
  /** `ok`, or the code of its error. */
  readonly status: string;
  /** Values that came. */
  readonly values: number;
  /** Values that came at another place than theirs: one is missing, or came twice. */
  readonly wrong: number;
  /** What the error says of that. */
  readonly delivered: unknown;
  /** Text of the error. */
  readonly message: string;
}

/** Streams on a client of their own, so that the replies of calls are counted apart. */
export class StreamLoad {
  readonly #scene: Scene;
  readonly #options: StreamLoadOptions;
  readonly #ended: Promise<StreamOutcome[]>;
  #values = 0;

  /** Begins all of them. */
  constructor(scene: Scene, options: StreamLoadOptions) {
    this.#scene = scene;
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Waits until so many values have come, of all streams together. */
  came(count: number): Promise<boolean> {
    return this.#scene.load.until(() => this.#values >= count, 60_000);
  }

  /** Waits for the end of all, says what became of them, and finds what is wrong with it. */
  async settled(expected: string): Promise<readonly StreamOutcome[]> {
    const { count } = this.#options;
    const outcomes = await this.#ended;
    const byStatus = Map.groupBy(outcomes, ({ status }) => status);
    const text = [...byStatus].map(([status, { length }]) => `${status} ${length}`).join(", ");
    const wrong = outcomes.reduce((sum, outcome) => sum + outcome.wrong, 0);
    const missing = outcomes.filter(({ status, values }) => status === "ok" && values !== count);
    const { notes, faults } = this.#scene;
    notes.push(
      `streams: ${text}, values ${this.#values}, out of place ${wrong}, cut short ${missing.length}`,
    );
    if (wrong > 0) faults.push(`${wrong} values of streams at a wrong place`);
    if (missing.length > 0) faults.push(`${missing.length} streams ended before their end`);
    const other = outcomes.find(({ status }) => status !== expected);
    if (other !== undefined) faults.push(`a stream ended with ${other.status}: ${other.message}`);
    return outcomes;
  }

  async #run(): Promise<StreamOutcome[]> {
    const { brokers, topic } = this.#scene;
    await using client = await connect<{ ticks(input: Ticks): AsyncGenerator<[number, string]> }>({
      brokers,
      topic,
      library: libraryUnderTest,
      clientId: "streams",
      logger: silentLogger,
      timeoutMs: 60_000,
    });
    const { streams } = this.#options;
    return await Promise.all(Array.from({ length: streams }, async (_, index) => {
      const { count, everyMs, padding = 0 } = this.#options;
      const input: Ticks = { call: `stream-${index}`, count, everyMs, padding };
      return await this.#take(client.stream("ticks", input));
    }));
  }

  async #take(stream: AsyncIterable<[number, string]>): Promise<StreamOutcome> {
    const { slowMs = 0 } = this.#options;
    let [values, wrong] = [0, 0];
    try {
      for await (const [number] of stream) {
        if (number !== values) wrong++;
        values++;
        this.#values++;
        if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
      }
      return { status: "ok", values, wrong, delivered: undefined, message: "" };
    } catch (error) {
      const { code = "untyped", details, message } = error instanceof RpcError ? error : {
        message: String(error),
      } as Partial<RpcError>;
      const { delivered } = Object(details) as { delivered?: unknown };
      return { status: code, values, wrong, delivered, message: message ?? "" };
    }
  }
}
