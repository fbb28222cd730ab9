// Trying a call again.
import { clock } from "../../async/clock.ts";
import { backoff, delay } from "../../async/delay.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import { listOf, oneOf, wholeNumber } from "../../options/check.ts";
import { shape } from "../../options/shape.ts";
import type { CallHandler, Interceptor } from "../../pipeline/call.ts";
import { RPC_CODES, type RpcCode, RpcError } from "../../wire/errors.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { OutgoingCall } from "../outgoing_call.ts";

/** Retries that all calls of a client may have at a time while nothing succeeds. */
const RETRY_BUDGET = 10;

/** When and how often a call is tried again, with the same id and inside the one deadline. */
export interface RetryOptions {
  /** Attempts in all, 1 to 100. Default: 3. */
  readonly attempts?: number | undefined;
  /**
   * Longest wait before the second attempt in milliseconds, 1 to 2 147 483 647; it doubles each time.
   * Default: 100.
   */
  readonly backoffMs?: number | undefined;
  /** Longest wait before any attempt in milliseconds, 1 to 2 147 483 647. Default: 2 000. */
  readonly maxBackoffMs?: number | undefined;
  /** Codes after which a call is tried again. Default: `unavailable` and `aborted`. */
  readonly codes?: readonly RpcCode[] | undefined;
}

/** {@linkcode RetryOptions} with every default in its place. */
export type RetrySettings = {
  readonly [Name in keyof RetryOptions]-?: NonNullable<RetryOptions[Name]>;
};

export const retryOptions = shape<RetryOptions>({
  attempts: wholeNumber({ to: 100 }),
  backoffMs: wholeNumber(),
  maxBackoffMs: wholeNumber(),
  codes: listOf(oneOf(RPC_CODES), '["unavailable"]'),
}, { example: "{ attempts: 3 }" });

/** Fills in the defaults of retries; undefined stands for none. */
export function retrySettings(options: RetryOptions | undefined): RetrySettings {
  const { attempts = options === undefined ? 1 : 3, backoffMs = 100 } = options ?? {};
  const { maxBackoffMs = 2_000, codes = ["unavailable", "aborted"] } = options ?? {};
  return { attempts, backoffMs, maxBackoffMs, codes };
}

/**
 * A bucket of tokens that all calls of a client share: a retry takes one, a
 * success gives a tenth back. When most calls fail, most retries are left out,
 * so that an outage is not multiplied.
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
 */
export class RetryBudget {
  /** In tenths of a token: ten times 0.1 is not 1. */
  readonly #most: number;
  #tenths: number;

  /** A full bucket; `most`: the tokens in it. */
  constructor(most: number) {
    this.#most = 10 * most;
    this.#tenths = this.#most;
  }

  /** Whether a success would add nothing. */
  get isFull(): boolean {
    return this.#tenths === this.#most;
  }

  /** Takes a token; false where there is none left. */
  take(): boolean {
    if (this.#tenths < 10) return false;
    this.#tenths -= 10;
    return true;
  }

  /** Gives a tenth of a token back, for a call that succeeded. */
  give(): void {
    this.#tenths = Math.min(this.#most, this.#tenths + 1);
  }
}

/** Tries calls again, under the same id and inside the one deadline; all share one budget. */
export function retry(closing: AbortSignal): Interceptor<OutgoingCall> {
  const budget = new RetryBudget(RETRY_BUDGET);
  return (next) => (call) =>
    call.retry.attempts === 1 && budget.isFull
      ? next(call)
      : attempts(call, { next, budget, closing });
}

async function attempts(
  call: OutgoingCall,
  parts: { next: CallHandler<OutgoingCall>; budget: RetryBudget; closing: AbortSignal },
): Promise<Outcome> {
  const { next, budget, closing } = parts;
  const { retry, deadline, caller } = call;
  const nextWait = backoff({ firstMs: retry.backoffMs, maxMs: retry.maxBackoffMs });
  for (let attempt = 1;; attempt++) {
    const outcome = await next(attempt === 1 ? call : { ...call, attempt });
    if (outcome.ok) {
      budget.give();
      return outcome;
    }
    const wait = nextWait();
    // A stream that has begun is never run again by itself.
    const again = !call.stream?.target.hasBegun && attempt < retry.attempts &&
      isRetriable(outcome.failure, retry) && mayRunTwice(call, outcome.failure) &&
      clock.wallTime() + wait < deadline && budget.take();
    if (!again) return outcome;
    using ends = linkSignals(caller, call.signal);
    await delay(wait, { signal: ends.signal });
    // An interceptor may have ended the call. After a close the next attempt is refused, by the one
    // error of all calls that waited.
    if (caller?.aborted || (call.signal.aborted && !closing.aborted)) return outcome;
  }
}

/** What its contract says runs once is sent again only where nothing was sent. */
function mayRunTwice({ idempotent }: OutgoingCall, { stage }: RpcError): boolean {
  return idempotent !== false || stage === "request";
}

/** Whether trying again may help. */
export function isRetriable(error: unknown, settings: RetrySettings): error is RpcError {
  // A wait that is over has used up the deadline, whatever the codes say.
  return error instanceof RpcError && error.stage !== "wait" && settings.codes.includes(error.code);
}
