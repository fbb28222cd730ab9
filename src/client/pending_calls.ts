// The calls that wait for their reply.
import type { Timer } from "../async/clock.ts";
import { Deadlines } from "../async/deadlines.ts";
import { RpcError } from "../wire/errors.ts";

/** How long one call may wait. */
export interface Wait {
  /** The command that was called, for texts of errors. */
  readonly command: string;
  readonly timeoutMs: number;
  /** Digest of its request; a reply to another request under the same id is not for it. */
  readonly digest?: string | undefined;
  /** Makes the error that it then rejects with. */
  overdue(): unknown;
  /** The caller's signal: rejects the call with its reason when it aborts. */
  readonly caller?: AbortSignal | undefined;
}

/** What is known of a call that a close ends. */
export type ClosedCall = Pick<Wait, "command" | "digest">;

interface Pending<Reply> {
  readonly wait: Wait;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: Timer;
  readonly onAbort: (() => void) | undefined;
}

/**
 * Ids of calls and who waits for them. An id is here from before its record is
 * produced until the first of: its reply, its deadline, its signal, a failed
 * send, the close of the client. Whatever comes later finds nothing.
 */
export class PendingCalls<Reply> {
  readonly #calls = new Map<string, Pending<Reply>>();
  readonly #deadlines = new Deadlines();
  readonly #max: number;
  #closed: ((id: string, call: ClosedCall) => unknown) | undefined;

  /** `max`: most calls that wait at a time. */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#calls.size;
  }

  /**
   * Registers a call, before its record is produced. Throws `resource_exhausted` where too many
   * calls wait already, and the reason of a signal that has aborted.
   */
  register(id: string, wait: Wait): Promise<Reply> {
    const { caller } = wait;
    // One that has aborted already tells nobody any more.
    caller?.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed(id, wait);
    if (this.#calls.size >= this.#max) {
      const { command } = wait;
      throw new RpcError(
        "resource_exhausted",
        `Cannot call "${command}": ${this.#calls.size} calls wait already, the limit is ` +
          `${this.#max}. Await some of them first, or raise \`maxPending\`.`,
        { command, id, stage: "request" },
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    // It keeps the process alive while a call waits; the connection does not.
    const deadline = this.#deadlines.set(wait.timeoutMs, () => this.reject(id, wait.overdue()));
    const onAbort = caller && (() => void this.reject(id, caller.reason));
    if (onAbort !== undefined) caller?.addEventListener("abort", onAbort, { once: true });
    this.#calls.set(id, { wait, resolve, reject, deadline, onAbort });
    return promise;
  }

  has(id: string): boolean {
    return this.#calls.has(id);
  }

  /**
   * Settles a call with its reply; false where nobody waited for it. `digest`: that of the request
   * which it answers, where the server says so.
   */
  resolve(id: string, reply: Reply, digest?: string): boolean {
    if (digest !== undefined && this.#calls.get(id)?.wait.digest !== digest) return false;
    const call = this.#take(id);
    call?.resolve(reply);
    return call !== undefined;
  }

  /** Settles a call with an error; false where nobody waited for it. */
  reject(id: string, error: unknown): boolean {
    const call = this.#take(id);
    call?.reject(error);
    return call !== undefined;
  }

  /** Settles every call with an error, and refuses all that come later. */
  close(error: (id: string, call: ClosedCall) => unknown): void {
    this.#closed = error;
    for (const [id, { wait }] of this.#calls) this.reject(id, error(id, wait));
  }

  /** Takes a call out: only its taker can settle it. */
  #take(id: string): Pending<Reply> | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    call.deadline.cancel();
    if (call.onAbort !== undefined) call.wait.caller?.removeEventListener("abort", call.onAbort);
    return call;
  }
}
