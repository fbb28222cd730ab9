// A call that was submitted, seen through its handle.
import { clock, MAX_TIMER_MS } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";
import { linkSignals } from "../async/linked_signal.ts";
import { signal, wholeNumber } from "../options/check.ts";
import { shape } from "../options/shape.ts";
import { CallSite } from "../wire/call_site.ts";
import { type RpcCode, RpcError } from "../wire/errors.ts";
import { remoteError } from "../wire/failure.ts";
import type { Payload } from "../wire/outcome.ts";
import type { AttachedCall, ResultOptions, StateOptions, SubmittedState } from "./attached_call.ts";
import { abandoned, type About } from "./call_errors.ts";
import type { CallHandle } from "./handles.ts";
import type { PastReplies, Searched } from "./past_replies.ts";
import type { Reply } from "./results_stream.ts";

/** A reply of the last moment is on its way for so long after the deadline, in milliseconds. */
const GRACE_MS = 5_000;
/** Why a wait is over: without a reason of its own each abort would make an error. */
const FOUND = "the reply is there";

const resultOptions = shape<ResultOptions>({ signal, timeoutMs: wholeNumber() }, {
  owner: "result()",
  example: "{ timeoutMs: 60_000 }",
});
const stateOptions = shape<StateOptions>({ signal, timeoutMs: wholeNumber() }, {
  owner: "state()",
  example: "{ timeoutMs: 10_000 }",
});

/** How long something is waited for; the signal is that of the caller or of the client's closing. */
interface Wait {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What it needs of its client. */
export interface SubmittedCallParts {
  readonly past: PastReplies;
  readonly decode: (about: About, output: Payload) => unknown;
  /** Offset of the next request that the servers have to answer; undefined where that is unknown. */
  readonly committed: (handle: CallHandle, signal: AbortSignal) => Promise<bigint | undefined>;
  readonly closing: AbortSignal;
}

export class SubmittedCall implements AttachedCall {
  readonly handle: CallHandle;
  readonly #parts: SubmittedCallParts;

  constructor(handle: CallHandle, parts: SubmittedCallParts) {
    this.handle = handle;
    this.#parts = parts;
  }

  async result(options: ResultOptions = {}): Promise<unknown> {
    const site = new CallSite(this.result);
    try {
      const { signal, timeoutMs = Infinity } = resultOptions(options, "");
      const { outcome } = await this.#within(
        signal,
        (signal) => this.#reply({ signal, timeoutMs }),
      );
      if (!outcome.ok) throw remoteError(outcome.failure, this.handle);
      return this.#parts.decode(this.handle, outcome.output);
    } catch (error) {
      throw site.pointed(error);
    }
  }

  async state(options: StateOptions = {}): Promise<SubmittedState> {
    const site = new CallSite(this.state);
    try {
      const { signal, timeoutMs = 10_000 } = stateOptions(options, "");
      return await this.#within(signal, (signal) => this.#state({ signal, timeoutMs }));
    } catch (error) {
      throw site.pointed(error);
    }
  }

  async #reply({ signal, timeoutMs }: Wait): Promise<Reply> {
    using search = this.#parts.past.search(this.handle);
    const nothing = search.searched.then((searched) => this.#mayCome(searched, signal));
    const late = () =>
      this.#error("deadline_exceeded", `no reply came within ${timeoutMs} ms. Attach again later`);
    return await withDeadline(Promise.race([search.reply, nothing]), { signal, timeoutMs }, late);
  }

  async #state({ signal, timeoutMs }: Wait): Promise<SubmittedState> {
    const begun = clock.now();
    const late = () =>
      this.#error("unavailable", `no broker answered within ${timeoutMs} ms. Ask again later`);
    // Asked first: what was committed by now was answered before, and its reply is there to be read.
    const isAnswered = await withDeadline(this.#isAnswered(signal), { signal, timeoutMs }, late);
    using search = this.#parts.past.search(this.handle);
    const found = search.reply.then(() => "done" as const);
    const searched = search.searched.then((searched) => this.#stateBy(searched, isAnswered));
    const left = Math.max(0, timeoutMs - (clock.now() - begun));
    return await withDeadline(Promise.race([found, searched]), { signal, timeoutMs: left }, late);
  }

  /** Waits until the caller's signal aborts or the client closes. */
  async #within<T>(
    caller: AbortSignal | undefined,
    wait: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    caller?.throwIfAborted();
    const { closing } = this.#parts;
    using ends = linkSignals(caller, closing);
    try {
      return await wait(ends.signal);
    } catch (error) {
      if (!caller?.aborted && closing.aborted) throw abandoned(this.handle, "wait");
      throw error;
    } finally {
      ends.abort(FOUND);
    }
  }

  /** There was no reply to be read: waits while one may come, then says why none did. */
  async #mayCome(searched: Searched, signal: AbortSignal): Promise<never> {
    if (searched.isOther) throw this.#otherLog();
    if (searched.isCut && await this.#isAnswered(signal) !== false) throw this.#cut();
    const left = Math.max(0, this.handle.deadline + GRACE_MS - clock.wallTime());
    const never = Promise.withResolvers<never>().promise;
    return await withDeadline(never, { signal, timeoutMs: Math.min(left, MAX_TIMER_MS) }, () => {
      const reason =
        "its deadline passed without a reply. See whether servers listen, and give a " +
        "longer `ttlMs`";
      return this.#error("deadline_exceeded", reason);
    });
  }

  #stateBy({ isCut, isOther }: Searched, isAnswered: boolean | undefined): SubmittedState {
    if (isOther) throw this.#otherLog();
    if (isCut && isAnswered !== false) return "unknown";
    if (clock.wallTime() > this.handle.deadline) return "expired";
    return isAnswered ? "unknown" : "accepted";
  }

  /** Whether a server is done with the request; undefined where that can't be found out. */
  async #isAnswered(signal: AbortSignal): Promise<boolean | undefined> {
    const { offset } = this.handle;
    if (offset === undefined) return undefined;
    const committed = await this.#parts.committed(this.handle, signal);
    return committed === undefined ? undefined : committed > BigInt(offset);
  }

  get #place(): string {
    return `${this.handle.resultsTopic}[${this.handle.resultsPartition}]`;
  }

  #cut(): RpcError {
    return this.#error(
      "unknown",
      `${this.#place} has no records from the offset ${this.handle.resultsOffset} on any more, the ` +
        "reply may have been among those that its retention removed. Raise `retention.ms` of that topic",
    );
  }

  #otherLog(): RpcError {
    return this.#error(
      "failed_precondition",
      `${this.#place} ends before the offset ${this.handle.resultsOffset} that the handle was made ` +
        "at: the topic was made anew. Submit the call again if it may run twice",
    );
  }

  #error(code: RpcCode, reason: string): RpcError {
    const { command, id } = this.handle;
    const text = `Cannot get the result of "${command}": ${reason}.`;
    return new RpcError(code, text, { command, id, stage: "wait" });
  }
}
