// A call to every server.
import { clock } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";
import { linkSignals } from "../async/linked_signal.ts";
import { signal, wholeNumber } from "../options/check.ts";
import { type Schema, shape } from "../options/shape.ts";
import type { CallHandler } from "../pipeline/call.ts";
import { remoteError } from "../wire/failure.ts";
import type { Outcome, Payload } from "../wire/outcome.ts";
import { abandoned, type About, noServer, unasked } from "./call_errors.ts";
import { checkMetadata, trace } from "./call_options.ts";
import { ExpectedServers, LOOK_MS, type Members } from "./expected_servers.ts";
import type { CallManyOptions, Gathering, ServerReply } from "./gathering.ts";
import { msLeft, type OutgoingCall } from "./outgoing_call.ts";
import type { OpenGatherings } from "./open_gatherings.ts";
import type { Reply } from "./results_stream.ts";
import { RpcError } from "../wire/errors.ts";

/** Why a wait is over. */
const OVER = "the gathering is over";

const CALL_MANY: Schema<CallManyOptions> = {
  timeoutMs: wholeNumber(),
  count: wholeNumber(),
  stallMs: wholeNumber(),
  signal,
  metadata: checkMetadata,
  trace,
};
export const callManyOptions = shape(CALL_MANY, {
  owner: "callMany()",
  example: "{ timeoutMs: 500 }",
});

export interface CallManyParts {
  readonly place: { readonly topic: string; readonly group: string };
  readonly open: OpenGatherings;
  /** Sends the call and registers it; what it fails with is an outcome. */
  readonly send: CallHandler<OutgoingCall>;
  readonly members: (signal: AbortSignal) => Promise<Members>;
  readonly decode: (about: About, output: Payload) => unknown;
  readonly cancel: (call: { id: string; digest: string }, until: number) => void;
  readonly closing: AbortSignal;
}

/** What a call to every server is made of, and how it ends. */
export interface ManyCall {
  readonly call: OutgoingCall;
  readonly options: CallManyOptions;
  /** Has the digest of its request when that is sent. */
  readonly gathered: NonNullable<OutgoingCall["gathered"]>;
}

/** The replies of one call; see `Client.callMany`. */
export class CallMany implements Gathering {
  readonly #begin: () => Promise<ManyCall>;
  readonly #pointed: (error: unknown) => unknown;
  readonly #parts: CallManyParts;
  readonly #servers: ExpectedServers;
  #isBegun = false;
  /** Whether the members are looked at just now; replies do not wait for it. */
  #isLooking = false;

  /** `begin` throws what the call is refused with; `pointed` gives an error its caller's line. */
  constructor(
    parts: CallManyParts,
    begin: () => Promise<ManyCall>,
    pointed: (error: unknown) => unknown,
  ) {
    this.#parts = parts;
    this.#servers = new ExpectedServers(parts.members);
    this.#begin = begin;
    this.#pointed = pointed;
  }

  get answered(): readonly string[] {
    return this.#servers.answered;
  }

  get missing(): readonly string[] | undefined {
    return this.#servers.missing;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerReply, void, undefined> {
    try {
      if (this.#isBegun) {
        const text = "Cannot begin a gathering again: each callMany() is one call. Make another.";
        throw new RpcError("failed_precondition", text);
      }
      this.#isBegun = true;
      yield* this.#gather(await this.#begin());
    } catch (error) {
      throw this.#pointed(error);
    }
  }

  async *#gather({ call, options, gathered }: ManyCall): AsyncGenerator<ServerReply> {
    const { open, cancel, closing } = this.#parts;
    const { count = Infinity, stallMs = Infinity } = options;
    const replies: Reply[] = [];
    let came = Promise.withResolvers<void>();
    gathered.onReply = (reply) => {
      replies.push(reply);
      came.resolve();
    };
    using ends = linkSignals(call.caller, closing);
    let given = 0;
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#look(call, ends.signal);
      const outcome = await this.#parts.send(call);
      if (!outcome.ok) throw call.caller?.aborted ? call.caller.reason : outcome.failure;
      let stalledAt = clock.now() + stallMs;
      while (given < count) {
        for (let reply = replies.shift(); reply !== undefined; reply = replies.shift()) {
          const { server = "" } = reply;
          if (!this.#servers.answers(server)) continue;
          stalledAt = clock.now() + stallMs;
          yield this.#replyOf(call, server, reply.outcome);
          if (++given >= count) return;
        }
        if (this.#servers.isWhole) return;
        const left = Math.min(call.deadline - clock.wallTime(), stalledAt - clock.now());
        if (left <= 0) return;
        came = Promise.withResolvers();
        const bounds = { signal: ends.signal, timeoutMs: Math.min(left, LOOK_MS) };
        const isLate = await withDeadline(came.promise.then(() => false), bounds).catch(() => true);
        if (ends.signal.aborted) throw this.#ended(call);
        if (failure !== undefined) throw failure.error;
        if (isLate && left > LOOK_MS && !this.#isLooking) {
          this.#lookAgain(ends.signal).catch((error) => failure = { error }).finally(() =>
            came.resolve()
          );
        }
      }
    } finally {
      open.remove(call.id);
      ends.abort(OVER);
      const { digest } = gathered;
      if (digest !== undefined && !this.#servers.isWhole && msLeft(call) > 1) {
        cancel({ id: call.id, digest }, call.deadline);
      }
    }
  }

  async #look(call: OutgoingCall, signal: AbortSignal): Promise<void> {
    const bounds = { signal, timeoutMs: msLeft(call) };
    const late = () => unasked(call, call.timeoutMs);
    const count = await withDeadline(this.#servers.look(signal), bounds, late).catch((error) => {
      throw signal.aborted ? this.#ended(call) : error;
    });
    if (count === 0) throw noServer(call, this.#parts.place);
  }

  async #lookAgain(signal: AbortSignal): Promise<void> {
    this.#isLooking = true;
    await this.#servers.lookAgain(signal);
    this.#isLooking = false;
  }

  #replyOf(about: About, server: string, outcome: Outcome): ServerReply {
    if (!outcome.ok) return { server, error: remoteError(outcome.failure, about) };
    try {
      return { server, value: this.#parts.decode(about, outcome.output) };
    } catch (error) {
      if (error instanceof RpcError) return { server, error };
      throw error;
    }
  }

  #ended(call: OutgoingCall): unknown {
    return call.caller?.aborted ? call.caller.reason : abandoned(call, "wait");
  }
}
