// What `client.stream()` gives, and the end of the pipeline behind it.
import { clock } from "../../async/clock.ts";
import type { CallHandler } from "../../pipeline/call.ts";
import { RpcError } from "../../wire/errors.ts";
import type { Outcome, Payload } from "../../wire/outcome.ts";
import type { About } from "../call_errors.ts";
import type { Asked } from "../caller.ts";
import { type CallOptions, checkOptions } from "../call_options.ts";
import { failed, type OutgoingCall } from "../outgoing_call.ts";
import type { PendingCalls } from "../pending_calls.ts";
import type { Reply } from "../results_stream.ts";
import type { SendingParts } from "../send_and_wait.ts";
import type { OpenStreams } from "./open_streams.ts";
import { StreamAttempt, type StreamingCall } from "./stream_attempt.ts";
import { idle, noControl, tooLong } from "./stream_errors.ts";
import { type StreamOptions, streamOptions } from "./stream_options.ts";
import { type StreamTarget, ValueStream } from "./value_stream.ts";

/** Values that may wait for a loop. */
const WINDOW = 1_024;
/** Bytes of them. */
const WINDOW_BYTES = 1_048_576;

export interface StreamsParts {
  /** The calls that wait beside the streams. */
  readonly pending: Pick<PendingCalls<Reply>, "size">;
  readonly streams: OpenStreams;
  readonly settings: {
    readonly timeoutMs: number;
    readonly maxPending: number;
    readonly controlTopic: string | undefined;
  };
  /** Makes the call of a stream, its input encoded. */
  readonly begin: (what: StreamInput, options: CallOptions) => OutgoingCall;
  /** Rejects, or throws, where a contract refuses the input. */
  readonly check: (call: OutgoingCall, input: unknown) => Promise<void> | undefined;
  readonly decode: (about: About, output: Payload) => unknown;
  /** The pipeline. */
  readonly handler: () => CallHandler<OutgoingCall>;
}

/** A command and what it gets. */
export interface StreamInput extends About {
  readonly input: unknown;
  readonly stream: StreamTarget;
  /** Unix milliseconds. */
  readonly deadline: number;
}

export class Streams {
  readonly #parts: StreamsParts;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  /** Gives a stream, whose call is made when its first value is asked for. */
  stream(
    { command, input, site }: Asked,
    options: StreamOptions | undefined,
  ): ValueStream {
    const about = { command, id: clock.id() };
    let checked: StreamOptions;
    try {
      checked = checkOptions(about, options, streamOptions);
    } catch (error) {
      throw site.pointed(error);
    }
    const { begin, check, handler, decode, settings } = this.#parts;
    const { timeoutMs = settings.timeoutMs, totalTimeoutMs } = checked;
    const { window = WINDOW, windowBytes = WINDOW_BYTES, ...call } = checked;
    return new ValueStream({
      send: (target) => {
        const stream = { target, window, windowBytes };
        const deadline = totalTimeoutMs === undefined
          ? Infinity
          : clock.wallTime() + totalTimeoutMs;
        const given = { ...call, signal: target.signal };
        const begun = begin({ ...about, input, stream, deadline }, given);
        const checking = check(begun, input);
        return checking === undefined ? handler()(begun) : checking.then(() => handler()(begun));
      },
      decode: (output) => decode(about, output),
      pointed: (error) => site.pointed(error),
      signal: checked.signal,
      timeoutMs,
      totalTimeoutMs,
      onIdle: () => idle(about, timeoutMs),
      onTooLong: () => tooLong(about, totalTimeoutMs ?? Infinity),
    });
  }

  /** What stands at the end of the pipeline for a stream; for any other call, `whole`. */
  end(parts: SendingParts, whole: CallHandler<OutgoingCall>): CallHandler<OutgoingCall> {
    return (call) => isStreaming(call) ? this.#attempt(parts, call) : whole(call);
  }

  #attempt(parts: SendingParts, call: StreamingCall): Promise<Outcome> {
    const { settings: { controlTopic, maxPending }, pending, streams } = this.#parts;
    if (controlTopic === undefined) return Promise.resolve(failed(noControl(call)));
    if (pending.size + streams.size >= maxPending) {
      return Promise.resolve(failed(tooMany(call, maxPending)));
    }
    return new StreamAttempt({ ...parts, controlTopic, streams }, call).run();
  }
}

const isStreaming = (call: OutgoingCall): call is StreamingCall => call.stream !== undefined;

function tooMany({ command, id }: About, most: number): RpcError {
  const text =
    `Cannot call "${command}": ${most} calls and streams are open already. End some of ` +
    "them first, or raise `maxPending`.";
  return new RpcError("resource_exhausted", text, { command, id, stage: "request" });
}
