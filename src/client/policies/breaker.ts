// Circuit breakers.
import { clock } from "../../async/clock.ts";
import { wholeNumber } from "../../options/check.ts";
import { shape } from "../../options/shape.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { RpcError } from "../../wire/errors.ts";
import { NO_VALUE, type Outcome } from "../../wire/outcome.ts";
import { failed, type OutgoingCall } from "../outgoing_call.ts";

/**
 * When calls of a command are no longer sent. Only `unavailable` and `deadline_exceeded` count as
 * failures, by whatever side they are found out. Any other answer of a server begins the row anew;
 * what is refused or canceled on this side, `resource_exhausted` for example, changes nothing.
 */
export interface BreakerOptions {
  /** Failures in a row after which the breaker opens, 1 to 1 000. Default: 5. */
  readonly failures?: number | undefined;
  /** Milliseconds that it stays open before one call may try, 1 to 2 147 483 647. Default: 5 000. */
  readonly resetMs?: number | undefined;
}

/** {@linkcode BreakerOptions} with every default in its place. */
export interface BreakerSettings {
  readonly failures: number;
  readonly resetMs: number;
}

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
class Breaker {
  readonly #settings: BreakerSettings;
  #failures = 0;
  #openedAt = -Infinity;
  #probing = false;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  get state(): BreakerState {
    if (this.#failures < this.#settings.failures) return "closed";
    const over = clock.now() - this.#openedAt >= this.#settings.resetMs;
    return over || this.#probing ? "half-open" : "open";
  }

  /** Whether a call may pass; `isProbe` is for its {@linkcode Breaker.end}. */
  begin(): { isProbe: boolean } | undefined {
    const { state } = this;
    if (state === "closed") return { isProbe: false };
    if (state === "open" || this.#probing) return undefined;
    this.#probing = true;
    return { isProbe: true };
  }

  /** Notes how a call that passed has ended: a breaker waits for the end of its probe. */
  end(outcome: Outcome | undefined, { isProbe }: { isProbe: boolean }): void {
    if (isProbe) this.#probing = false;
    // A call that passed before it opened, and ends only now, says nothing new.
    if (outcome === undefined || !isProbe && this.state !== "closed") return;
    const failure = outcome.ok ? undefined : outcome.failure;
    if (failure !== undefined && OUTAGE.includes(failure.code)) {
      this.#failures++;
      this.#openedAt = clock.now();
    } else if (!(failure instanceof RpcError) || failure.stage === "remote") {
      // An answer of the server's own, even a failure, shows that it works.
      this.#failures = 0;
    }
  }

  refusal({ command, id }: OutgoingCall): RpcError {
    return new RpcError(
      "unavailable",
      `Cannot call "${command}": its circuit breaker is ${this.state} after ${this.#failures} ` +
        `failures in a row. Try again after ${this.#settings.resetMs} ms.`,
      { command, id, stage: "request" },
    );
  }
}

/** The circuit breakers of a client, one a command. */
export class Breakers {
  readonly #settings: BreakerSettings;
  readonly #breakers = new Map<string, Breaker>();

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  state(command: string): BreakerState {
    return this.#breakers.get(command)?.state ?? "closed";
  }

  /** Refuses calls of commands whose breaker is open. */
  readonly policy: Interceptor<OutgoingCall> = (next) => async (call) => {
    const breaker = this.#of(call.command);
    const passage = breaker.begin();
    if (passage === undefined) return failed(breaker.refusal(call));
    let outcome: Outcome | undefined;
    if (call.stream !== undefined) {
      // It may last for hours: that it has begun says what a probe is to find out.
      call.stream.target.onBegun = () => {
        breaker.end(NO_VALUE, passage);
        passage.isProbe = false;
      };
    }
    try {
      return outcome = await next(call);
    } finally {
      breaker.end(outcome, passage);
    }
  };

  #of(command: string): Breaker {
    const breaker = this.#breakers.get(command) ?? new Breaker(this.#settings);
    this.#breakers.set(command, breaker);
    return breaker;
  }
}
