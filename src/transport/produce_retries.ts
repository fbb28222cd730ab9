// Records that are sent again while no broker takes them.
import { clock } from "../async/clock.ts";
import { backoff, delay } from "../async/delay.ts";
import { RpcError } from "../wire/errors.ts";
import type { OutgoingRecord } from "../wire/record.ts";
import type { Transport } from "./transport.ts";

/** How long a record is sent again by default, in milliseconds. */
const PRODUCE_MS = 5_000;
/** Waits of one record while others get through. */
const RETRY = { firstMs: 50, maxMs: 1_000 };
/** Where some brokers take records and others don't, none is woken more often than this. */
const WAKE_EVERY_MS = 250;
/** After so long without any success it is an outage of all brokers. */
const OUTAGE_MS = 1_000;
/** In an outage about so many records a second are sent to see whether it is over. */
const PROBES_A_SECOND = 50;

export interface ProduceOptions {
  /** Unix milliseconds until which it is sent again. Default: five seconds from now. */
  readonly until?: number | undefined;
  /** Called with each failure before the record is sent again; it is not, where this throws. */
  onRetry?(error: unknown): void;
  /** Nobody wants the record any more: it is not sent again, and not at all where it waits still. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Sends records, again where another attempt may help. Each has a back-off of its own, since what
 * fails one of them need not fail the next: their partitions have different leaders. While none gets
 * through at all, the more wait, the less often each of them tries. The first success after that
 * ends the wait of all, and those that have the least time left go first: by chance they would be
 * sent behind the thousands that came after them.
 *
 * A record that is sent again after a lost acknowledgement may be there twice.
 */
export class ProduceRetries implements Disposable {
  readonly #transport: Pick<Transport, "produce">;
  readonly #background: boolean;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<Waiting>();
  #failing = false;
  #wokenAt = -Infinity;
  #succeededAt = -Infinity;

  /** `background`: whether the waits leave the process free to end. */
  constructor(transport: Pick<Transport, "produce">, options: { background: boolean }) {
    this.#transport = transport;
    this.#background = options.background;
  }

  /**
   * Sends a record; resolves when the cluster has acknowledged it.
   *
   * @throws {RpcError} The last failure, or the first that no other attempt can help.
   */
  produce(record: OutgoingRecord, options: ProduceOptions = {}): Promise<void> {
    const { until = clock.wallTime() + PRODUCE_MS } = options;
    // No async function while all is well: it would keep half a kilobyte, of thousands of records.
    return this.#attempt(record, options).then(
      () => this.#succeeded(),
      (error) => this.#repeat({ record, until, error }, options),
    );
  }

  #attempt(record: OutgoingRecord, { signal }: ProduceOptions): Promise<void> {
    try {
      return this.#transport.produce(record, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #repeat(
    { record, until, error }: { record: OutgoingRecord; until: number; error: unknown },
    options: ProduceOptions,
  ): Promise<void> {
    const { signal } = options;
    const nextDelay = backoff(RETRY);
    for (let failure = error;;) {
      // It is no failure of a broker.
      if (signal?.aborted) throw failure;
      this.#failing = true;
      const mayHelp = failure instanceof RpcError && failure.code === "unavailable";
      if (!mayHelp || clock.wallTime() >= until || this.#closing.signal.aborted) throw failure;
      options.onRetry?.(failure);
      await this.#wait(nextDelay(), until, signal);
      if (signal?.aborted || this.#closing.signal.aborted) throw failure;
      try {
        await this.#attempt(record, options);
        return this.#succeeded();
      } catch (again) {
        failure = again;
      }
    }
  }

  async #wait(delayMs: number, until: number, signal: AbortSignal | undefined): Promise<void> {
    const outage = clock.now() - this.#succeededAt > OUTAGE_MS;
    const share = outage ? this.#waiting.size / PROBES_A_SECOND * 1_000 : 0;
    const ms = Math.min(delayMs + share, until - clock.wallTime());
    let waiting: Waiting | undefined;
    await delay(ms, { signal, background: this.#background }, (wake) => {
      waiting = { until, wake };
      this.#waiting.add(waiting);
    });
    if (waiting !== undefined) this.#waiting.delete(waiting);
  }

  #succeeded(): void {
    const now = clock.now();
    this.#succeededAt = now;
    if (!this.#failing || now - this.#wokenAt < WAKE_EVERY_MS) return;
    this.#failing = false;
    this.#wokenAt = now;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const { wake } of [...this.#waiting].sort((a, b) => a.until - b.until)) wake();
  }

  /** Sends nothing again any more: what waits rejects with its last failure. */
  close(): void {
    this.#closing.abort();
    this.#wakeAll();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
