// One connection to a broker, and what is known of how it behaves.
import { clock, type Timer } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { delay } from "../../async/delay.ts";
import type { LogThrottle } from "../../logging/log_throttle.ts";
import { addressText } from "../brokers.ts";
import type { Patience } from "./patience.ts";
import {
  type Answers,
  type Api,
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type Requests,
} from "./port.ts";

/** After so long without a byte, network devices may have dropped a connection without a word. */
const IDLE_MS = 5_000;
/** How long the first byte after that is waited for. */
const IDLE_SILENCE_MS = 700;
/** A new connection is opened at this share of the session; without one, the old one serves on. */
const RENEW_AT = 0.8;
const EXPIRED_AT = 0.95;
/** After a failure, the next attempt to replace a connection waits for this share of its session. */
const REST_SHARE = 0.05;
const MAX_REST_MS = 5_000;

export interface SendOptions {
  /** Ends the wait; it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /**
   * Longest time without a byte from the broker while the answer is due, in milliseconds; a long
   * poll adds its own wait to that. Default: the limit for quick questions just now.
   */
  readonly silenceMs?: number | undefined;
  /** In its place: the limit of such requests, which learns from this one. */
  readonly patience?: Patience | undefined;
  /** However patient: no longer than so many milliseconds. */
  readonly atMostMs?: number | undefined;
}

export interface BrokerLinkParts {
  /** For questions that brokers answer from memory. */
  readonly patience: Patience;
  readonly throttles: LogThrottle;
  /** Called when no byte has come for too long, with the time of the last one. */
  readonly onSilence: (since: number) => void;
  /** Whether there are newer credentials. Default: there never are. */
  readonly isOutdated?: (() => boolean) | undefined;
}

/** One connection to a broker. It honours throttles, and ends the connection where no byte comes. */
export class BrokerLink {
  readonly #connection: BrokerConnection;
  readonly #parts: BrokerLinkParts;
  readonly #openedAt = clock.now();
  #heardAt = clock.now();
  #throttledUntil = -Infinity;
  #pending = 0;
  #retired = false;
  #restUntil = -Infinity;

  constructor(connection: BrokerConnection, parts: BrokerLinkParts) {
    this.#connection = connection;
    this.#parts = parts;
  }

  get isUsable(): boolean {
    return this.#connection.isOpen && this.#sessionShare < EXPIRED_AT;
  }

  /** Whether another connection should take its place. */
  get isAging(): boolean {
    const isDue = this.#sessionShare >= RENEW_AT || this.isOutdated;
    return isDue && clock.now() >= this.#restUntil;
  }

  /** Whether there are newer credentials than its own. */
  get isOutdated(): boolean {
    return this.#parts.isOutdated?.() ?? false;
  }

  get address(): BrokerAddress {
    return this.#connection.address;
  }

  /** No other connection could be opened: until the next attempt, this one is as good as new. */
  rest(): void {
    const { sessionMs = Infinity } = this.#connection;
    this.#restUntil = clock.now() + Math.min(MAX_REST_MS, REST_SHARE * sessionMs);
  }

  get #sessionShare(): number {
    const { sessionMs } = this.#connection;
    return sessionMs === undefined ? 0 : (clock.now() - this.#openedAt) / sessionMs;
  }

  /** Whether nothing is in flight, and nothing has come after a time of the monotonic clock. */
  isIdleSince(time: number): boolean {
    return this.#pending === 0 && this.#heardAt <= time;
  }

  async send<A extends Api>(
    api: A,
    request: Requests[A],
    options: SendOptions,
  ): Promise<Answers[A]> {
    const { signal } = options;
    while (clock.now() < this.#throttledUntil) {
      await delay(this.#throttledUntil - clock.now(), { signal, background: true });
      signal.throwIfAborted();
    }
    // Without its sender the exchange goes on: answers come in order, and silence ends it.
    return await withDeadline(this.#exchange(api, request, options), { signal });
  }

  async #exchange<A extends Api>(api: A, request: Requests[A], options: SendOptions) {
    const { silenceMs, patience = this.#parts.patience, atMostMs = Infinity } = options;
    const learns = silenceMs === undefined;
    const connection = this.#connection;
    const sentAt = clock.now();
    const bytesBefore = connection.bytesReceived;
    const limitMs = Math.min(silenceMs ?? patience.limitMs, atMostMs);
    const isIdle = this.#pending === 0 && sentAt - this.#heardAt > IDLE_MS;
    this.#pending++;
    // A broker may take its time for the request itself; a question it answers at once, before that.
    if (isIdle) {
      connection.send("Metadata", { topics: [] }).then(
        ({ throttleMs }) => this.#throttle("Metadata", throttleMs),
        () => undefined,
      );
    }
    const watch = this.#watch(limitMs, isIdle ? Math.min(limitMs, IDLE_SILENCE_MS) : limitMs);
    try {
      const answer = await connection.send(api, request);
      this.#heardAt = clock.now();
      if (learns) patience.answered(this.#heardAt - sentAt);
      this.#throttle(api, answer.throttleMs);
      return answer;
    } catch (error) {
      if (!watch.silent) throw error;
      // An answer that stops in its middle is not late: its rest would never come.
      const isLate = connection.bytesReceived === bytesBefore;
      if (learns && !isIdle && isLate) patience.late(limitMs);
      throw new ConnectionFailed("network", `${this.#name}: no answer for ${watch.ms} ms`);
    } finally {
      watch.timer?.cancel();
      this.#pending--;
      this.#closeIfRetired();
    }
  }

  /** Ends the connection when no byte has come for too long. */
  #watch(limitMs: number, firstLimitMs: number) {
    const connection = this.#connection;
    const watch = { silent: false, ms: firstLimitMs, timer: undefined as Timer | undefined };
    let bytes = connection.bytesReceived;
    let quietSince = clock.now();
    const stepMs = () => Math.max(watch.ms / 8, 50);
    const look = (waitMs: number) => {
      const lookAt = clock.now() + waitMs;
      watch.timer = clock.timer(waitMs, () => {
        const now = clock.now();
        // While this process stood still, bytes may have come that it has not seen.
        if (now - lookAt > stepMs()) quietSince = now;
        if (connection.bytesReceived !== bytes) {
          bytes = connection.bytesReceived;
          quietSince = now;
          watch.ms = limitMs;
        }
        // A broker does not even read from a connection that it throttles.
        quietSince = Math.max(quietSince, Math.min(now, this.#throttledUntil));
        if (now - quietSince < watch.ms) return look(stepMs());
        watch.silent = true;
        connection.close(`no byte from ${this.#name} for ${watch.ms} ms`);
        this.#parts.onSilence(quietSince);
      }, { background: true });
    };
    // Nearly all that is asked is answered before the first look, long polls too.
    look(3 * stepMs());
    return watch;
  }

  #throttle(api: Api, throttleMs: number): void {
    if (throttleMs <= 0) return;
    this.#throttledUntil = Math.max(this.#throttledUntil, clock.now() + throttleMs);
    const fields = { broker: this.#name, request: api, throttleMs };
    this.#parts.throttles.log("a quota of the broker holds requests back", fields);
  }

  get #name(): string {
    return addressText(this.#connection.address);
  }

  /** Ends the connection when what is in flight is answered. */
  retire(): void {
    this.#retired = true;
    this.#closeIfRetired();
  }

  #closeIfRetired(): void {
    if (this.#retired && this.#pending === 0) this.#connection.close("replaced by another");
  }

  close(): void {
    this.#connection.close();
  }
}
