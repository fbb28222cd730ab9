// What a client does of calls that nobody waits for, or not yet.
import { clock } from "../async/clock.ts";
import type { Check } from "../options/check.ts";
import type { CallHandler, Interceptor } from "../pipeline/call.ts";
import { compose } from "../pipeline/compose.ts";
import { writeCallToAll } from "../wire/control.ts";
import { requestDigest } from "../wire/digest.ts";
import { RpcError } from "../wire/errors.ts";
import type { Outcome, Payload } from "../wire/outcome.ts";
import { writeRequest } from "../wire/request.ts";
import type { AttachedCall } from "./attached_call.ts";
import { type About, closed } from "./call_errors.ts";
import { type CallOptions, checkOptions } from "./call_options.ts";
import type { Asked, CallerParts } from "./caller.ts";
import { type CallHandle, checkHandle } from "./handles.ts";
import { CallMany, callManyOptions, type ManyCall } from "./call_many.ts";
import type { CallManyOptions, Gathering } from "./gathering.ts";
import { sendOneWay, sendUnawaited } from "./one_way.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import { PastReplies } from "./past_replies.ts";
import {
  type SendOptions,
  sendOptions,
  type SubmitOptions,
  submitOptions,
} from "./send_options.ts";
import { submit, SUBMITTED_TTL_MS } from "./submissions.ts";
import { SubmittedCall } from "./submitted_call.ts";

/** What is signed has an end: a little before the window of a server's reply cache is over. */
const SIGNED_TTL_MS = 240_000;

export interface UnawaitedCallsParts extends CallerParts {
  readonly closing: AbortSignal;
  readonly cancel: (call: { id: string; digest: string }, until: number) => void;
  readonly around: readonly Interceptor<OutgoingCall>[];
  /** Rejects where the input can't be sent. */
  readonly outgoing: (
    about: About,
    input: unknown,
    options: CallOptions,
  ) => Promise<OutgoingCall>;
  /** The value of an outcome; throws its failure. */
  readonly valueOf: (call: OutgoingCall, outcome: Outcome) => unknown;
  readonly decode: (about: About, output: Payload) => unknown;
}

/** Calls that end with the acknowledgement of their request. */
export class UnawaitedCalls {
  readonly #parts: UnawaitedCallsParts;
  readonly #oneWay: CallHandler<OutgoingCall>;
  readonly #submit: CallHandler<OutgoingCall>;
  readonly #toAll: CallHandler<OutgoingCall>;
  readonly #past: PastReplies;

  constructor(parts: UnawaitedCallsParts) {
    this.#parts = parts;
    const { transport, closing, around } = parts;
    const ends = { ...parts, topic: parts.settings.topic };
    this.#oneWay = compose(sendOneWay(ends), around);
    this.#submit = compose(submit(ends), around);
    const { results, gatherings, settings: { controlTopic = "" } } = parts;
    const toAll = sendUnawaited({ ...parts, topic: controlTopic }, (call, topic) => {
      const digest = requestDigest(call);
      const { onReply } = call.gathered!;
      call.gathered!.digest = digest;
      gatherings.add(call.id, { digest, onReply });
      const replyTo = { replyTopic: results.topic, replyPartition: results.partition };
      return writeCallToAll(writeRequest(topic, call, replyTo));
    });
    this.#toAll = compose(toAll, around);
    this.#past = new PastReplies(transport, { closing, signing: parts.signing });
  }

  /** See `Client.send`. */
  async send(asked: Asked, options: SendOptions | undefined): Promise<void> {
    try {
      const { about, ttlMs, ...checked } = this.#checked(asked, options, sendOptions);
      const ttl = ttlMs ?? (this.#parts.settings.sign && SIGNED_TTL_MS);
      const expiresAt = ttl === undefined ? undefined : clock.wallTime() + ttl;
      const outgoing = await this.#parts.outgoing(about, asked.input, checked);
      const call = { ...outgoing, oneWay: true, expiresAt };
      this.#parts.valueOf(call, await this.#oneWay(call));
    } catch (error) {
      throw asked.site.pointed(error);
    }
  }

  /** See `Client.submit`. */
  async submit(asked: Asked, options: SubmitOptions | undefined): Promise<CallHandle> {
    try {
      const { about, ttlMs, ...checked } = this.#checked(asked, options, submitOptions);
      const submission: OutgoingCall["submission"] = {};
      const outgoing = await this.#parts.outgoing(about, asked.input, checked);
      const ttl = ttlMs ?? (this.#parts.settings.sign ? SIGNED_TTL_MS : SUBMITTED_TTL_MS);
      const expiresAt = clock.wallTime() + ttl;
      const call = { ...outgoing, submission, expiresAt };
      this.#parts.valueOf(call, await this.#submit(call));
      if (submission.handle !== undefined) return submission.handle;
      throw new RpcError(
        "failed_precondition",
        `Cannot submit "${about.command}": an interceptor answered it, nothing was sent. Make calls ` +
          "that interceptors answer with call().",
        { ...about, stage: "request" },
      );
    } catch (error) {
      throw asked.site.pointed(error);
    }
  }

  /** See `Client.callMany`. */
  callMany(asked: Asked, options: CallManyOptions | undefined): Gathering {
    const { settings, transport, closing, decode, gatherings, cancel, outgoing } = this.#parts;
    const parts = {
      place: settings,
      open: gatherings,
      send: this.#toAll,
      members: async (signal: AbortSignal) =>
        await transport.groupMembers?.(settings.group, { signal }),
      decode,
      cancel,
      closing,
    };
    const begin = async () => {
      const { about, ...checked } = this.#checked(asked, options, callManyOptions);
      if (settings.controlTopic === undefined) throw withoutControl(about);
      const gathered: ManyCall["gathered"] = { onReply: () => {} };
      const call = { ...await outgoing(about, asked.input, checked), gathered };
      return { call, options: checked, gathered };
    };
    return new CallMany(parts, begin, (error) => asked.site.pointed(error));
  }

  /** See `Client.attach`. */
  attach(given: unknown): AttachedCall {
    const { settings, transport, closing, decode } = this.#parts;
    const handle = checkHandle(given, { settings, clusterId: transport.clusterId });
    if (closing.aborted) throw closed(handle);
    return new SubmittedCall(handle, {
      past: this.#past,
      decode,
      closing,
      committed: async ({ topic, partition = -1 }, signal) =>
        await transport.committed?.(settings.group, { topic, partition }, { signal }),
    });
  }

  #checked<Options extends { readonly signal?: AbortSignal | undefined }>(
    { command }: Asked,
    options: Options | undefined,
    check: Check<Options>,
  ): Options & { readonly about: About } {
    const about = { command, id: clock.id() };
    if (this.#parts.closing.aborted) throw closed(about);
    const checked = checkOptions(about, options, check);
    checked.signal?.throwIfAborted();
    return { ...checked, about };
  }
}

function withoutControl(about: About): RpcError {
  const text =
    `Cannot call "${about.command}" at every server: that goes over the control topic, ` +
    "which `cancellation: false` switches off. Leave that option out.";
  return new RpcError("failed_precondition", text, { ...about, stage: "request" });
}
