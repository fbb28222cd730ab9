// The calls that wait for their reply.
import { Deadlines, Timed } from "../async/deadlines.ts";
import { RpcError } from "../wire/errors.ts";

/**
 * A call that waits. To be extended: one object, without promises and closures between, for each of
 * the thousands that wait at a time.
 */
export abstract class WaitingCall<Reply> extends Timed {
  /** The command that was called, for texts of errors. */
  abstract readonly command: string;
  abstract readonly timeoutMs: number;
  /** Digest of its request; a reply to another request under the same id is not for it. */
  abstract readonly digest: string | undefined;
  /** The caller's signal: the call fails with its reason when it aborts. */
  abstract readonly caller: AbortSignal | undefined;
  /** Listens to that. */
  onAbort: (() => void) | undefined;

  /** Gets the reply; this or {@linkcode WaitingCall.fail} is called once, and may not throw. */
  abstract take(reply: Reply): void;
  abstract fail(error: unknown): void;
}

/** Calls that wait, from which on the line of a further one is not noted. */
const CROWD = 200;

/** What is known of a call that a close ends. */
export type ClosedCall = Pick<WaitingCall<unknown>, "command" | "digest">;

/**
 * Ids of calls and who waits for them. An id is here from before its record is
 * produced until the first of: its reply, its deadline, its signal, a failed
 * send, the close of the client. Whatever comes later finds nothing.
 */
export class PendingCalls<Reply> {
  readonly #calls = new Map<string, WaitingCall<Reply>>();
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
   * Whether so many wait that the line of a further one is not noted: noting it takes a twelfth of
   * the processor time of a call in a burst, and 390 bytes.
   */
  get isCrowded(): boolean {
    return this.#calls.size >= CROWD;
  }

  /**
   * Registers a call, before its record is produced; at its deadline `onOver` of it is called. Throws
   * `resource_exhausted` where too many calls wait already, and the reason of a signal that has
   * aborted.
   */
  register(id: string, call: WaitingCall<Reply>): void {
    const { caller } = call;
    // One that has aborted already tells nobody any more.
    caller?.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed(id, call);
    if (this.#calls.size >= this.#max) {
      const { command } = call;
      throw new RpcError(
        "resource_exhausted",
        `Cannot call "${command}": ${this.#calls.size} calls wait already, the limit is ` +
          `${this.#max}. Await some of them first, or raise \`maxPending\`.`,
        { command, id, stage: "request" },
      );
    }
    // It keeps the process alive while a call waits; the connection does not.
    this.#deadlines.set(call, call.timeoutMs);
    if (caller !== undefined) {
      call.onAbort = () => void this.reject(id, caller.reason);
      caller.addEventListener("abort", call.onAbort, { once: true });
    }
    this.#calls.set(id, call);
  }

  has(id: string): boolean {
    return this.#calls.has(id);
  }

  /**
   * Settles a call with its reply; false where nobody waited for it. `digest`: that of the request
   * which it answers, where the server says so.
   */
  resolve(id: string, reply: Reply, digest?: string): boolean {
    if (digest !== undefined && this.#calls.get(id)?.digest !== digest) return false;
    const call = this.#take(id);
    call?.take(reply);
    return call !== undefined;
  }

  /** Settles a call with an error; false where nobody waited for it. */
  reject(id: string, error: unknown): boolean {
    const call = this.#take(id);
    call?.fail(error);
    return call !== undefined;
  }

  /** Settles every call with an error, and refuses all that come later. */
  close(error: (id: string, call: ClosedCall) => unknown): void {
    this.#closed = error;
    for (const [id, call] of this.#calls) this.reject(id, error(id, call));
  }

  /** Takes a call out: only its taker can settle it. */
  #take(id: string): WaitingCall<Reply> | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    this.#deadlines.cancel(call);
    if (call.onAbort !== undefined) call.caller?.removeEventListener("abort", call.onAbort);
    return call;
  }
}
