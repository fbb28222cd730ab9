// Messages between a sandbox and the server. They cross as bytes, never as
// object graphs: what is inside a sandbox can't choose what is read outside.
import type { Descriptions } from "./describe_commands.ts";
import type { CommandPolicy } from "../../contract/policy.ts";
import type { Failure, Outcome, Payload } from "../../wire/outcome.ts";
import type { Credit } from "../../wire/stream.ts";
import type { Job } from "../executor.ts";

/** What a sandbox must know before it can run anything. */
export interface SandboxBoot {
  /** URL; undefined where the only command is `eval`. */
  readonly module?: string | undefined;
  /** URLs; the user's own. */
  readonly codecs?: readonly string[] | undefined;
  /** Most bytes of an encoded result. */
  readonly resultBytes: number;
  /** Whether each expression is evaluated in a realm, in the same child. Default: false. */
  readonly realms?: boolean | undefined;
}

/** To a sandbox. `run` counts jobs and pings, so that an answer is not taken for another one's. */
export type ToSandbox =
  | {
    readonly type: "run";
    readonly run: number;
    readonly job: Omit<Job, "stream">;
    /** How far the stream may go; undefined where one result is wanted. */
    readonly credit?: Credit | undefined;
  }
  /** The stream of a job may go further. */
  | { readonly type: "credit"; readonly run: number; readonly credit: Credit }
  | { readonly type: "abort"; readonly run: number; readonly reason: Failure }
  /** Asks for `waiting` with its number. */
  | { readonly type: "ping"; readonly run: number };

/** What there is inside a sandbox. */
export interface Offer {
  readonly commands: readonly string[];
  /** How they are to be run, of those whose contracts say. */
  readonly policies: readonly (readonly [command: string, policy: CommandPolicy])[];
  /** What their contracts say for others, of those that say something. */
  readonly descriptions?: Descriptions | undefined;
  /** Content types, where there are others than those that every server has. */
  readonly contentTypes?: readonly string[] | undefined;
}

/** Longest message without the bytes of its value: failures are cut, names are counted. */
export const MAX_MESSAGE_BYTES = 262_144;

/** What a sandbox loads: the module of the commands, or those of codecs. */
export type LoadedPart = "commands" | "codecs";

/** From the thread that runs commands, and so perhaps forged by one of them. */
export type FromSandbox =
  | ({ readonly type: "ready" } & Offer)
  /** What could not be loaded, and why. */
  | { readonly type: "failed"; readonly part: LoadedPart; readonly failure: Failure }
  | { readonly type: "done"; readonly run: number; readonly outcome: Outcome }
  /** The next value of a stream. */
  | { readonly type: "value"; readonly run: number; readonly output: Payload }
  /** At the end of a turn of the event loop: jobs that have begun and not ended, and pings. */
  | { readonly type: "waiting"; readonly runs: readonly number[] }
  /** The job needs a sandbox of its own: nothing of it has happened. */
  | { readonly type: "declined"; readonly run: number }
  /** It has run enough, or taken much memory: another one should take its place. */
  | { readonly type: "spent" }
  /** It can't run anything any more. */
  | { readonly type: "broken"; readonly reason: string };

/** The last words of a supervisor: why it ends the child. */
export type LastWords =
  | { readonly type: "broken"; readonly reason: string }
  /** The child took more memory than it may, in bytes. */
  | { readonly type: "memory"; readonly used: number }
  /** The worker sent more bytes than a frame may have; they were not read. */
  | { readonly type: "oversized"; readonly bytes: number };

/**
 * From the supervisor of a child process, where no command runs. `begun`: number of the last job
 * that has begun; those after it never will, up to `upTo` where the child goes on.
 */
export type FromSupervisor =
  | { readonly type: "returned"; readonly begun: number; readonly upTo: number }
  | (LastWords & { readonly begun: number });

/** First byte of a frame to or from a child: which of its threads reads, or wrote, what follows. */
export const THREAD = { worker: 0, supervisor: 1 } as const;

export interface MessageCodec {
  /** Encodes a message: the length of its JSON, the JSON, the bytes of a value. */
  encode(message: ToSandbox | FromSandbox | FromSupervisor): Uint8Array<ArrayBuffer>;
  /** Decodes a message; the result is as trustworthy as its sender. */
  decode(frame: Uint8Array): unknown;
}

/**
 * Self-contained, because it travels as text, and with the functions of the moment it was created,
 * because commands may replace them.
 *
 * A message has at most one value: the input of a job, the output of an outcome, a value of a
 * stream. Its bytes follow the JSON as they are. Short JSON is encoded into one room: a buffer for
 * each takes 0.4 µs to make, and as much to collect.
 */
export function createMessageCodec(): MessageCodec {
  const { stringify, parse } = JSON;
  const utf8 = new TextEncoder();
  const text = new TextDecoder();
  const encodeInto = utf8.encodeInto.bind(utf8);
  const decodeUtf8 = text.decode.bind(text);
  const Bytes = Uint8Array;
  const noBytes = new Bytes(0);
  const room = new Bytes(4_096);

  /** A message without the bytes of its value, and these bytes. */
  function split(
    message: ToSandbox | FromSandbox | FromSupervisor,
  ): { rest: unknown; value: Uint8Array } {
    if (message.type === "run") {
      const { job } = message;
      const { bytes: value, contentType } = job.input;
      return { rest: { ...message, job: { ...job, input: { contentType } } }, value };
    }
    if (message.type === "done" && message.outcome.ok) {
      const { outcome } = message;
      const { bytes: value, contentType } = outcome.output;
      return { rest: { ...message, outcome: { ...outcome, output: { contentType } } }, value };
    }
    if (message.type === "value") {
      const { bytes: value, contentType } = message.output;
      return { rest: { ...message, output: { contentType } }, value };
    }
    return { rest: message, value: noBytes };
  }

  return {
    encode(message) {
      const { rest, value } = split(message);
      const json = stringify(rest);
      const most = 3 * json.length;
      const into = most > room.length ? new Bytes(most) : room;
      const { written } = encodeInto(json, into);
      const frame = new Bytes(4 + written + value.length);
      new DataView(frame.buffer).setUint32(0, written);
      frame.set(new Bytes(into.buffer, 0, written), 4);
      frame.set(value, 4 + written);
      return frame;
    },
    decode(frame) {
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      const end = 4 + view.getUint32(0);
      if (end > frame.length) throw new RangeError("the JSON of a frame is longer than the frame");
      const message = parse(decodeUtf8(frame.subarray(4, end)));
      const holder = message?.type === "run"
        ? message.job?.input
        : message?.type === "value"
        ? message.output
        : message?.outcome?.output;
      // A copy: the frame may be a view of a larger buffer.
      if (typeof holder === "object" && holder !== null) holder.bytes = frame.slice(end);
      return message;
    },
  };
}
