// Calls whose callers want no reply.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import type { RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { ReplyAddress } from "../wire/reply.ts";
import { countEnd } from "./command_statistics.ts";
import type { ServerCounts } from "./counts.ts";
import type { DeadLetters } from "./dead_letters.ts";
import type { IncomingCall } from "./incoming_call.ts";
import { failureText } from "./policies/failure_log.ts";

/** Minimum interval between two lines; those between are counted. */
const FAILURE_INTERVAL_MS = 1_000;

/** Where no reply goes: a request that wants one is never a repeat of one that does not. */
export const NOWHERE: ReplyAddress = Object.freeze({ topic: "", partition: -1, key: null });

export interface OneWayOptions {
  /** Undefined where none are kept. */
  readonly deadLetters: DeadLetters | undefined;
  readonly logger: Logger;
  readonly counts: ServerCounts;
}

/** What becomes of one-way calls that end: nobody hears of those that fail but the operator. */
export class OneWayCalls implements Disposable {
  readonly #options: OneWayOptions;
  readonly #failures: LogThrottle;

  constructor(options: OneWayOptions) {
    this.#options = options;
    this.#failures = new LogThrottle(options.logger, { intervalMs: FAILURE_INTERVAL_MS });
  }

  [Symbol.dispose](): void {
    this.#failures.close();
  }

  /**
   * Logs and keeps a call that failed. False where its record must come again: its partition went to
   * another server, or this one stopped, for the reason that is given, before the call had ended.
   */
  end(
    call: IncomingCall,
    outcome: Outcome,
    stopped: RpcError | undefined,
  ): Promise<boolean> | boolean {
    const { deadLetters, counts } = this.#options;
    const { id, command, place, ending, signal, record } = call;
    if (ending.fate === "released") return false;
    if (outcome.ok) {
      countEnd(call, outcome, counts);
      return true;
    }
    if (stopped !== undefined && signal.reason === stopped) return false;
    countEnd(call, outcome, counts);
    if (ending.isRepeat) return true;
    const { failure } = outcome;
    const { code, message } = failure;
    const error = failureText(failure);
    this.#failures.log("a one-way call failed", { id, command, ...place, code, error });
    if (deadLetters === undefined || record === undefined) return true;
    return deadLetters.keep(record, `${code}: ${message}`).then(() => true);
  }
}
