// One attempt of a stream: its request is sent, its frames are taken.
import { clock } from "../../async/clock.ts";
import type { ProduceOptions } from "../../transport/produce_retries.ts";
import { writeCredit } from "../../wire/control.ts";
import { requestDigest } from "../../wire/digest.ts";
import { RpcError } from "../../wire/errors.ts";
import { remoteError } from "../../wire/failure.ts";
import { NO_VALUE, type Outcome } from "../../wire/outcome.ts";
import { writeRequest } from "../../wire/request.ts";
import type { Frame } from "../../wire/stream.ts";
import { abandoned, canceled, gone, unreadable, unsent } from "../call_errors.ts";
import { failed, type OutgoingCall } from "../outgoing_call.ts";
import type { Reply } from "../results_stream.ts";
import type { SendingParts } from "../send_and_wait.ts";
import type { WatchedCall } from "../unanswered_calls.ts";
import { FrameOrder } from "./frame_order.ts";
import type { OpenStream, OpenStreams } from "./open_streams.ts";
import { overCredit, serverGone, withDelivered } from "./stream_errors.ts";
import type { StreamTarget } from "./value_stream.ts";
import { ValueWindow } from "./value_window.ts";

/** So often at least its server hears that the caller is there, in milliseconds. */
const CREDIT_MS = 20_000;

/** After so long without a frame the server of a stream has ended, in milliseconds: it sends one each 3 s. */
const SILENT_MS = 15_000;

/** Why a record is not sent again. */
const SETTLED = "the stream has ended";

export interface StreamParts extends Omit<SendingParts, "pending"> {
  readonly controlTopic: string;
  readonly streams: OpenStreams;
}

/** A call of a stream. */
export interface StreamingCall extends OutgoingCall {
  readonly stream: StreamTarget;
}

type Ordered = Pick<Reply, "outcome"> & { readonly frame: Frame };

export class StreamAttempt implements OpenStream, WatchedCall, ProduceOptions {
  readonly #parts: StreamParts;
  readonly #call: StreamingCall;
  readonly #digest: string;
  readonly #window: ValueWindow;
  readonly #order = new FrameOrder<Ordered>();
  readonly #ended = Promise.withResolvers<Outcome>();
  readonly #settled = new AbortController();
  /** Only its frames count: of two servers with the same request one runs it again. */
  #server: string | undefined;
  /** Of the values that came; and of these the one with the highest number. */
  #receivedBytes = 0;
  #highest = { seq: -1, bytes: 0 };
  #heardAt = clock.now();
  #creditAt = clock.now();
  sentAt = Infinity;
  isSuspected = false;

  constructor(parts: StreamParts, call: StreamingCall) {
    this.#parts = parts;
    this.#call = call;
    this.#digest = requestDigest(call);
    const { window, windowBytes } = call.stream;
    this.#window = new ValueWindow({ values: window, bytes: windowBytes });
  }

  get id(): string {
    return this.#call.id;
  }

  get until(): number {
    return Math.min(this.#call.deadline, this.#startBy);
  }

  get signal(): AbortSignal {
    return this.#settled.signal;
  }

  /** Until then it must begin; later than that the loop does not wait for its first value. */
  get #startBy(): number {
    return clock.wallTime() + this.#call.timeoutMs;
  }

  onRetry(): void {
    this.#parts.presence.outage();
  }

  onGone(): void {
    this.#leave(gone(this.#call, this.#parts.place));
  }

  run(): Promise<Outcome> {
    const { stream: { target }, signal } = this.#call;
    // Registered first: the first frame may come before the acknowledgement of the request.
    this.#parts.streams.add(this);
    for (const source of [target.signal, signal]) {
      source.addEventListener("abort", this.#onAbort, { once: true });
    }
    target.onTaken = (bytes) => {
      if (this.#window.take(bytes)) this.#sendCredit();
    };
    if (target.signal.aborted || signal.aborted) this.#onAbort();
    else this.#send();
    return this.#ended.promise;
  }

  take(reply: Reply): boolean {
    const { digest, frame, outcome, server } = reply;
    if (digest !== undefined && digest !== this.#digest) return false;
    if (frame === undefined) return this.#takeWhole(outcome);
    this.#server ??= server;
    if (server !== this.#server) return false;
    this.#begin();
    if (frame.isEmpty) return true;
    if (this.#isTooMuch(frame, outcome)) {
      this.#leave(overCredit(this.#call, frame.seq, this.#window.granted));
      return true;
    }
    for (const next of this.#order.take(frame.seq, this.#kept(reply, frame))) this.#takeNext(next);
    return true;
  }

  /** Whether a server sends more than it may: what waits here for the loop must have a bound. */
  #isTooMuch({ seq, more }: Frame, outcome: Outcome): boolean {
    const { granted } = this.#window;
    // The last frame holds no value.
    if (seq > (more ? granted.seq : granted.seq + 1)) return true;
    if (!more || !outcome.ok || this.#order.has(seq)) return false;
    const bytes = outcome.output.bytes.byteLength;
    this.#receivedBytes += bytes;
    if (seq > this.#highest.seq) this.#highest = { seq, bytes };
    // A value may be sent as long as those before it have fewer bytes than that.
    return this.#receivedBytes - this.#highest.bytes >= granted.bytes;
  }

  /** Not the record, nor a view of it: what is early may stay for long. */
  #kept({ outcome }: Reply, frame: Frame): Ordered {
    if (frame.seq === this.#order.next || !outcome.ok) return { outcome, frame };
    const { output } = outcome;
    return { outcome: { ok: true, output: { ...output, bytes: output.bytes.slice() } }, frame };
  }

  #takeNext({ outcome, frame }: Ordered): void {
    if (frame.more && outcome.ok) this.#call.stream.target.arrive(outcome.output);
    else this.#finish(this.#remote(outcome));
  }

  /** The one reply of a command that is no stream, or of a server that did not begin it. */
  #takeWhole(outcome: Outcome): boolean {
    const { target } = this.#call.stream;
    if (!outcome.ok) this.#finish(this.#remote(outcome));
    else if (target.hasBegun) return false;
    else {
      this.#begin();
      target.arrive(outcome.output);
      this.#finish(NO_VALUE);
    }
    return true;
  }

  #begin(): void {
    const { stream: { target }, progress } = this.#call;
    this.#heardAt = clock.now();
    progress.stage = "remote";
    if (target.hasBegun) return;
    target.hasBegun = true;
    target.onBegun();
    this.#parts.unanswered.unwatch(this);
  }

  #remote(outcome: Outcome): Outcome {
    if (outcome.ok) return outcome;
    this.#call.progress.stage = "remote";
    const { id, command } = this.#call;
    return failed(withDelivered(remoteError(outcome.failure, { command, id }), this.#delivered));
  }

  /** Values that the loop gets. */
  get #delivered(): number {
    return this.#order.next;
  }

  break(reason: string): void {
    this.#leave(unreadable(this.#call.id, reason));
  }

  look(now: number, readingSince: number): void {
    if (now - this.#creditAt >= CREDIT_MS) this.#sendCredit();
    const since = Math.max(this.#heardAt, readingSince);
    if (this.#call.stream.target.hasBegun && now - since > SILENT_MS) {
      this.#leave(serverGone(this.#call, SILENT_MS, this.#delivered));
    }
  }

  #onAbort = (): void => {
    const { stream: { target }, progress } = this.#call;
    const isLeft = target.signal.aborted;
    this.#leave(isLeft ? canceled(this.#call) : abandoned(this.#call, progress.stage));
  };

  /** Ends it on this side: the server still works on it. */
  #leave(error: RpcError): void {
    if (!this.#finish(failed(error))) return;
    if (this.sentAt < Infinity) {
      this.#parts.cancel({ id: this.id, digest: this.#digest }, this.#startBy);
    }
  }

  #finish(outcome: Outcome): boolean {
    if (this.signal.aborted) return false;
    const { stream: { target }, signal } = this.#call;
    for (const source of [target.signal, signal]) {
      source.removeEventListener("abort", this.#onAbort);
    }
    this.#parts.unanswered.unwatch(this);
    this.#parts.streams.delete(this);
    this.#settled.abort(SETTLED);
    this.#ended.resolve(outcome);
    return true;
  }

  #send(): void {
    const { place, results, sending } = this.#parts;
    const call = this.#call;
    const replyTo = { replyTopic: results.topic, replyPartition: results.partition };
    try {
      const request = { ...call, deadline: Math.round(this.until), credit: this.#window.granted };
      const record = writeRequest(place.topic, request, replyTo);
      call.progress.stage = "send";
      this.sentAt = clock.now();
      sending.produce(record, this).then(
        () => this.#acknowledged(),
        (error) => this.#finish(failed(unsent(error, call))),
      );
    } catch (error) {
      this.#finish(failed(unsent(error, call)));
    }
  }

  #acknowledged(): void {
    const { progress, waitForServer, stream } = this.#call;
    if (this.signal.aborted || stream.target.hasBegun) return;
    progress.stage = "wait";
    if (!waitForServer) this.#parts.unanswered.watch(this);
  }

  #sendCredit(): void {
    if (this.signal.aborted) return;
    const { controlTopic, sending } = this.#parts;
    this.#creditAt = clock.now();
    const credit = this.#window.grant();
    const record = writeCredit(controlTopic, { id: this.id, digest: this.#digest, credit });
    sending.produce(record, { signal: this.signal }).catch((error) => {
      // The next look sends it again: without it the server would wait for ever.
      if (error instanceof RpcError && error.code === "unavailable") this.#creditAt = -Infinity;
      else this.#leave(unsent(error, this.#call));
    });
  }
}
