/**
 * Circuit breakers.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import { wholeNumber } from "../options/check.ts";
import { shape } from "../options/shape.ts";
import { RpcError } from "../wire/errors.ts";

/** When calls of a command are no longer sent. */
export interface BreakerOptions {
  /** Failures in a row after which the breaker opens, 1 to 1 000. Default: 5. */
  readonly failures?: number | undefined;
  /** Milliseconds that it stays open before one call may try. Default: 5 000. */
  readonly resetMs?: number | undefined;
}

/** The check of these options. */
export const breakerOptions = shape<BreakerOptions>({
  failures: wholeNumber({ to: 1_000 }),
  resetMs: wholeNumber(),
}, { example: "{ failures: 5 }" });

/** State of a breaker: calls pass, none passes, or one passes to see. */
export type BreakerState = "closed" | "open" | "half-open";

/** Codes that say something about the servers, not about the call. */
const OUTAGE: readonly string[] = ["unavailable", "deadline_exceeded"];

/**
 * The breaker of one command.
 *
 * @see https://martinfowler.com/bliki/CircuitBreaker.html
 */
export class Breaker {
  readonly #settings: { readonly failures: number; readonly resetMs: number };
  #failures = 0;
  #openedAt = -Infinity;
  #probing = false;

  /**
   * Creates a closed breaker.
   *
   * @param settings When it opens, and for how long.
   */
  constructor(settings: { readonly failures: number; readonly resetMs: number }) {
    this.#settings = settings;
  }

  /** Its state just now. */
  get state(): BreakerState {
    if (this.#failures < this.#settings.failures) return "closed";
    const over = clock.now() - this.#openedAt >= this.#settings.resetMs;
    return over || this.#probing ? "half-open" : "open";
  }

  /**
   * Lets a call pass, or not.
   *
   * @param command The command, for the text of the error.
   * @returns To be told what the call failed with, or undefined where it succeeded, however it ends:
   * a breaker that waits for its probe would stay half-open for ever.
   * @throws {RpcError} `unavailable` while it is open, or another call tries already.
   */
  pass(command: string): (error: unknown) => void {
    const { state } = this;
    // A call that passed before it opened, and ends only now, says nothing new.
    if (state === "closed") return (error) => this.state === "closed" && this.#note(error);
    if (state === "half-open" && !this.#probing) {
      this.#probing = true;
      return (error) => {
        this.#probing = false;
        this.#note(error);
      };
    }
    throw new RpcError(
      "unavailable",
      `Cannot call "${command}": its circuit breaker is ${state} after ${this.#failures} failures ` +
        `in a row. Try again after ${this.#settings.resetMs} ms.`,
      { command, stage: "request" },
    );
  }

  #note(error: unknown): void {
    if (error === undefined) {
      this.#failures = 0;
    } else if (error instanceof RpcError) {
      if (OUTAGE.includes(error.code)) {
        this.#failures++;
        this.#openedAt = clock.now();
      } else if (error.stage === "remote") {
        // An answer of the server's own, even a failure, shows that it works.
        this.#failures = 0;
      }
    }
  }
}

/** A breaker for each command, where breakers are wanted. */
export class Breakers {
  readonly #settings: { readonly failures: number; readonly resetMs: number } | undefined;
  readonly #breakers = new Map<string, Breaker>();

  /**
   * Creates it.
   *
   * @param settings When breakers open; undefined for none.
   */
  constructor(settings: { readonly failures: number; readonly resetMs: number } | undefined) {
    this.#settings = settings;
  }

  /** The breaker of a command; undefined where none are wanted. */
  of(command: string): Breaker | undefined {
    if (this.#settings === undefined) return undefined;
    const breaker = this.#breakers.get(command) ?? new Breaker(this.#settings);
    this.#breakers.set(command, breaker);
    return breaker;
  }
}
