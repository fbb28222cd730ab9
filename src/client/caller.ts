/**
 * One call: its checks, its attempts, its end.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import { backoff, delay } from "../async/delay.ts";
import type { ProduceRetries } from "../transport/produce_retries.ts";
import type { Payload } from "../wire/outcome.ts";
import { type Codecs, codecsWith } from "../wire/codecs/codecs.ts";
import { EVAL_COMMAND } from "../wire/headers.ts";
import { writeCancel } from "../wire/control.ts";
import { requestDigest } from "../wire/digest.ts";
import { RpcError } from "../wire/errors.ts";
import { remoteError } from "../wire/failure.ts";
import { type Request, requestBytes, writeRequest } from "../wire/request.ts";
import { Breakers, type BreakerState } from "./breaker.ts";
import {
  abandoned,
  type About,
  overdue,
  tooLarge,
  unacknowledged,
  unencodable,
  unsent,
} from "./call_errors.ts";
import type { Listeners } from "./listeners.ts";
import { type CallOptions, checkCall } from "./call_options.ts";
import type { ClientSettings } from "./options.ts";
import type { PendingCalls } from "./pending_calls.ts";
import type { Reply, ResultsStream } from "./results_stream.ts";
import { isRetriable, RetryBudget, type RetrySettings, retrySettings } from "./retry.ts";
import { UnansweredCalls } from "./unanswered_calls.ts";

/** Retries that all calls of a client may have at a time while nothing succeeds. */
const RETRY_BUDGET = 10;

/** Why a record is not sent again; without a reason of its own each abort would make an error. */
const SETTLED = "the call is settled";

/** What a {@linkcode Caller} needs. */
export interface CallerParts {
  /** Settings of the client. */
  readonly settings: ClientSettings;
  /** What to send with. */
  readonly sending: ProduceRetries;
  /** Who waits. */
  readonly pending: PendingCalls<Reply>;
  /** Where replies come. */
  readonly results: ResultsStream;
  /** Whether any server listens. */
  readonly listeners: Listeners;
}

/** Everything about one call that its attempts share. */
interface Plan {
  readonly request: Omit<Request, "attempt">;
  readonly digest: string;
  /** Unix milliseconds. */
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly waitForServer: boolean;
}

/** Makes calls. */
export class Caller {
  readonly #parts: CallerParts;
  readonly #codecs: Codecs;
  readonly #budget = new RetryBudget(RETRY_BUDGET);
  readonly #breakers: Breakers;
  readonly #unanswered: UnansweredCalls;
  readonly #closing = new AbortController();
  #calls = 0;

  /**
   * Creates it.
   *
   * @param parts What it needs.
   */
  constructor(parts: CallerParts) {
    this.#parts = parts;
    const { codec } = parts.settings;
    this.#codecs = codecsWith(codec === undefined ? [] : [codec]);
    this.#breakers = new Breakers(parts.settings.breaker);
    this.#unanswered = new UnansweredCalls(() => parts.listeners.mayAnswer());
  }

  /** Calls that were begun. */
  get calls(): number {
    return this.#calls;
  }

  /** State of the circuit breaker of a command. */
  breakerState(command: string): BreakerState {
    return this.#breakers.of(command)?.state ?? "closed";
  }

  /** Calls a command; see `Client.call`. */
  async call(
    command: string,
    input: unknown,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    const id = clock.id();
    const checked = checkCall(command, options, id);
    checked.signal?.throwIfAborted();
    const plan = this.#plan({ command, id }, input, checked);
    const retry = checked.retry === undefined
      ? this.#parts.settings.retry
      : retrySettings(checked.retry);
    const note = this.#breakers.of(command)?.pass(command);
    this.#calls++;
    try {
      const result = await this.#attempts(plan, retry);
      note?.(undefined);
      return result;
    } catch (error) {
      note?.(error);
      throw error;
    }
  }

  /** Ends every call with `canceled`, and tells the servers. */
  close(): void {
    this.#closing.abort();
    this.#unanswered.close();
    this.#parts.listeners.close();
    this.#parts.pending.close((id, { command, digest }) => {
      if (digest !== undefined) this.#cancel({ id, digest });
      return abandoned(id, command);
    });
  }

  async #attempts(plan: Plan, retry: RetrySettings): Promise<unknown> {
    const { signal, deadline } = plan;
    const nextWait = backoff({ firstMs: retry.backoffMs, maxMs: retry.maxBackoffMs });
    for (let attempt = 1;; attempt++) {
      try {
        const result = this.#result(await this.#attempt(plan, attempt), plan);
        this.#budget.give();
        return result;
      } catch (error) {
        const wait = nextWait();
        const again = attempt < retry.attempts && isRetriable(error, retry) &&
          clock.wallTime() + wait < deadline && this.#budget.take();
        if (!again) throw error;
        // After a close the next attempt is refused, by the one error of all calls that waited.
        const signals = [this.#closing.signal, ...signal === undefined ? [] : [signal]];
        await delay(wait, { signal: AbortSignal.any(signals) });
        signal?.throwIfAborted();
      }
    }
  }

  #plan(about: About, input: unknown, options: CallOptions): Plan {
    const { settings, results } = this.#parts;
    const { signal, metadata = {}, trace, waitForServer = settings.waitForServer } = options;
    const { timeoutMs = settings.timeoutMs } = options;
    const deadline = clock.wallTime() + timeoutMs;
    const request = {
      ...about,
      input: this.#encode(about, input),
      replyTopic: results.topic,
      replyPartition: results.partition,
      deadline,
      metadata,
      trace,
    };
    const size = requestBytes(request);
    if (size > settings.requestBytes) throw tooLarge(about, size, settings.requestBytes);
    return { request, digest: requestDigest(request), deadline, timeoutMs, signal, waitForServer };
  }

  async #attempt(plan: Plan, attempt: number): Promise<Reply> {
    const { settings, sending, pending, listeners } = this.#parts;
    const { request, digest, deadline, signal, timeoutMs } = plan;
    const { id, command } = request;
    const record = writeRequest(settings.topic, { ...request, attempt });
    let acknowledged = false;
    let problem: unknown;
    const onRetry = (error: unknown) => {
      problem = error;
      listeners.outage();
    };
    // Registered first: the reply may come before the acknowledgement of the request, and deadline,
    // signal and close must end the call whatever it waits for.
    const reply = pending.register(id, {
      command,
      digest,
      signal,
      timeoutMs: Math.max(1, deadline - clock.wallTime()),
      overdue: () => {
        const about = { command, id };
        return acknowledged ? overdue(about, timeoutMs) : unacknowledged(about, timeoutMs, problem);
      },
    });
    // Once the call is settled, whatever settled it, nobody wants its record any more.
    const settled = new AbortController();
    let unwatch: (() => void) | undefined;
    const send = async () => {
      if (!plan.waitForServer) await this.#checkListeners(command);
      if (settled.signal.aborted) return;
      const sentAt = clock.now();
      await sending.produce(record, { until: deadline, onRetry, signal: settled.signal });
      acknowledged = true;
      if (plan.waitForServer || settled.signal.aborted) return;
      unwatch = this.#unanswered.watch(sentAt, () => {
        pending.reject(id, listeners.gone({ command, id }, settings.topic));
        // For a server that comes in this moment.
        this.#cancel({ id, digest }, deadline);
      });
    };
    send().catch((error) => {
      // The id may be another attempt's by now.
      if (settled.signal.aborted) return;
      pending.reject(id, error.stage === "request" ? error : unsent(error, command, id));
    });
    try {
      return await reply;
    } catch (error) {
      if (signal?.aborted) this.#cancel({ id, digest }, deadline);
      throw error;
    } finally {
      unwatch?.();
      settled.abort(SETTLED);
    }
  }

  async #checkListeners(command: string): Promise<void> {
    const { listeners, settings } = this.#parts;
    const live = listeners.live();
    if (live !== true && !await live) throw listeners.error(command, settings.topic);
  }

  /**
   * Tells the servers that nobody waits for a call any more.
   *
   * @param call Its id, and the digest of its request.
   * @param until Unix milliseconds after which the servers know by themselves.
   */
  #cancel(call: { id: string; digest: string }, until?: number): void {
    const { settings: { controlTopic }, sending } = this.#parts;
    if (controlTopic === undefined) return;
    // Lost, it costs the servers only the work: its deadline ends the command all the same.
    sending.produce(writeCancel(controlTopic, call), { until })
      .catch((error) => this.#lost(call.id, error));
  }

  #lost(id: string, error: unknown): void {
    this.#parts.settings.connection.logger.debug("a cancellation could not be sent", { id, error });
  }

  #encode(about: About, input: unknown): Payload {
    try {
      const { codec } = this.#parts.settings;
      // Sandboxes of expressions have no codecs of users.
      return this.#codecs.encode(
        input,
        about.command === EVAL_COMMAND ? undefined : codec?.contentType,
      );
    } catch (error) {
      throw unencodable(about, error);
    }
  }

  #result({ id, outcome }: Reply, { request: { command } }: Plan): unknown {
    if (!outcome.ok) throw remoteError(outcome.failure, { command, id });
    try {
      return this.#codecs.decode(outcome.output);
    } catch (error) {
      throw new RpcError(
        "data_loss",
        `Cannot read the result of "${command}": ${(error as Error).message}.`,
        { command, id, stage: "remote", cause: error },
      );
    }
  }
}
