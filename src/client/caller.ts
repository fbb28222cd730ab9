// The pipeline of a client, and its two ends: values go in, results come out.
import { clock } from "../async/clock.ts";
import type { CallHandler, Interceptor } from "../pipeline/call.ts";
import { compose } from "../pipeline/compose.ts";
import { publish } from "../pipeline/diagnostics.ts";
import { ownInterceptor } from "../pipeline/guard.ts";
import type { ProduceRetries } from "../transport/produce_retries.ts";
import type { Transport } from "../transport/transport.ts";
import type { CallSite } from "../wire/call_site.ts";
import { type Codecs, codecsWith } from "../wire/codecs/codecs.ts";
import { writeCancel } from "../wire/control.ts";
import { EVAL_COMMAND } from "../wire/headers.ts";
import type { Outcome, Payload } from "../wire/outcome.ts";
import type { Receipt } from "../wire/receipt.ts";
import { abandoned, type About, closed, unencodable, unreadableResult } from "./call_errors.ts";
import { type CallOptions, checkCall } from "./call_options.ts";
import type { ClientSettings } from "./options.ts";
import type { OpenGatherings } from "./open_gatherings.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import type { PendingCalls } from "./pending_calls.ts";
import { Breakers, type BreakerState } from "./policies/breaker.ts";
import { requestLimits } from "./policies/request_limits.ts";
import { retry, retrySettings } from "./policies/retry.ts";
import { serverPresence } from "./policies/server_presence.ts";
import { untilDeadline, userInterceptor } from "./policies/user_interceptors.ts";
import { openReceipt, withReceipt } from "./receipts.ts";
import type { Reply, ResultsStream } from "./results_stream.ts";
import { sendAndWait } from "./send_and_wait.ts";
import type { ServerPresence } from "./server_presence.ts";
import type { ClientSigning } from "./signing.ts";
import type { OpenStreams } from "./streams/open_streams.ts";
import type { StreamOptions } from "./streams/stream_options.ts";
import { Streams } from "./streams/streams.ts";
import type { ValueStream } from "./streams/value_stream.ts";
import { UnansweredCalls } from "./unanswered_calls.ts";
import { UnawaitedCalls } from "./unawaited_calls.ts";
import { checkInput, contractOf } from "./validation.ts";

const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});

/** What is called, and from where. */
export interface Asked {
  readonly command: string;
  readonly input: unknown;
  readonly site: CallSite;
}

export interface CallerParts {
  readonly transport: Transport;
  /** Undefined where nothing is signed. */
  readonly signing: ClientSigning | undefined;
  readonly settings: ClientSettings;
  readonly sending: Pick<ProduceRetries, "produce">;
  readonly pending: PendingCalls<Reply>;
  readonly streams: OpenStreams;
  readonly gatherings: OpenGatherings;
  readonly results: ResultsStream;
  readonly presence: ServerPresence;
}

export class Caller {
  readonly #parts: CallerParts;
  readonly #codecs: Codecs;
  readonly #breakers: Breakers | undefined;
  readonly #unanswered: UnansweredCalls;
  readonly #closing = new AbortController();
  readonly #handler: CallHandler<OutgoingCall>;
  readonly unawaited: UnawaitedCalls;
  readonly #streams: Streams;
  #calls = 0;

  constructor(parts: CallerParts) {
    const { settings, presence } = parts;
    this.#parts = parts;
    this.#codecs = codecsWith(settings.codec === undefined ? [] : [settings.codec]);
    this.#breakers = settings.breaker && new Breakers(settings.breaker);
    this.#unanswered = new UnansweredCalls(() => presence.mayAnswer());
    const end = { ...parts, place: settings, unanswered: this.#unanswered, cancel: this.#cancel };
    this.#streams = new Streams({
      ...parts,
      begin: ({ input, stream, deadline, ...about }, options) => {
        if (this.#closing.signal.aborted) throw closed(about);
        options.signal?.throwIfAborted();
        const call = this.#outgoing(about, this.#encode(about, input), options);
        return { ...call, stream, deadline, receipt: undefined };
      },
      check: (call, input) => this.#check(call, input),
      decode: (about, output) => this.#decode(about, output),
      handler: () => this.#handler,
    });
    this.#handler = compose(this.#streams.end(end, sendAndWait(end)), this.#policies());
    this.unawaited = new UnawaitedCalls({
      ...parts,
      closing: this.#closing.signal,
      cancel: this.#cancel,
      around: this.#around([]),
      outgoing: async (about, input, options) => {
        const call = this.#outgoing(about, this.#encode(about, input), options);
        await this.#check(call, input);
        return call;
      },
      valueOf: (call, outcome) => this.#valueOf(call, outcome),
      decode: (about, output) => this.#decode(about, output),
    });
  }

  /** Calls that were begun. */
  get calls(): number {
    return this.#calls;
  }

  breakerState(command: string): BreakerState {
    return this.#breakers?.state(command) ?? "closed";
  }

  /**
   * Calls a command; see `Client.call`. The errors of the call point at its site.
   *
   * No async function: of each of the thousands of calls that wait it would keep half a kilobyte.
   */
  call(
    { command, input, site }: Asked,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    try {
      const call = this.#begin(command, input, options);
      const checking = this.#check(call, input);
      const handled = checking === undefined
        ? this.#handler(call)
        : checking.then(() => this.#handler(call));
      return this.#result(handled, call, site);
    } catch (error) {
      return Promise.reject(site.pointed(error));
    }
  }

  /** By itself, so that what a call that waits keeps is all that is here. */
  #result(handled: Promise<Outcome>, call: OutgoingCall, site: CallSite): Promise<unknown> {
    return handled.then((outcome) => {
      try {
        return this.#resultOf(call, outcome);
      } catch (error) {
        throw site.pointed(error);
      }
    }, (error) => {
      throw site.pointed(error);
    });
  }

  /** Gives the values of a command; see `Client.stream`. */
  stream(
    what: Asked,
    options: StreamOptions | undefined,
  ): ValueStream {
    return this.#streams.stream(what, options);
  }

  #begin(command: string, input: unknown, options: CallOptions | undefined): OutgoingCall {
    const about = { command, id: clock.id() };
    if (this.#closing.signal.aborted) throw closed(about);
    const checked = checkCall(command, options, about.id);
    checked.signal?.throwIfAborted();
    return this.#outgoing(about, this.#encode(about, input), checked);
  }

  /** Throws, or rejects, where the contract refuses the input. */
  #check(call: OutgoingCall, input: unknown): Promise<void> | undefined {
    const { contract } = this.#parts.settings;
    const schema = contract && contractOf(contract, call.command)?.input;
    return schema && checkInput(schema, input, call, this.#closing.signal) || undefined;
  }

  #resultOf(call: OutgoingCall, outcome: Outcome): unknown {
    if (call.receipt !== undefined) return this.#withReceipt(call, call.receipt, outcome);
    return this.#valueOf(call, outcome);
  }

  #withReceipt(call: OutgoingCall, receipt: Receipt, outcome: Outcome): unknown {
    call.onReceipt?.(receipt);
    try {
      return this.#valueOf(call, outcome);
    } catch (error) {
      throw call.caller?.aborted ? error : withReceipt(error, receipt);
    }
  }

  #valueOf(call: OutgoingCall, outcome: Outcome): unknown {
    if (outcome.ok) return this.#decode(call, outcome.output);
    if (call.caller?.aborted) throw call.caller.reason;
    throw outcome.failure;
  }

  /** Ends every call with `canceled`, and tells the servers. */
  close(): void {
    this.#closing.abort();
    this.#unanswered.close();
    this.#parts.presence.close();
    this.#parts.pending.close((id, { command, digest }) => {
      if (digest !== undefined) this.#cancel({ id, digest });
      return abandoned({ id, command }, "wait");
    });
  }

  #policies(): Interceptor<OutgoingCall>[] {
    const { settings, presence } = this.#parts;
    return [
      ...this.#around([
        ...this.#breakers === undefined ? [] : [this.#breakers.policy],
        this.#count,
        retry(this.#closing.signal),
      ]),
      serverPresence(presence, settings),
    ];
  }

  /** What users have around each call and attempt, and these policies between. What is off is not there. */
  #around(between: readonly Interceptor<OutgoingCall>[]): Interceptor<OutgoingCall>[] {
    const { settings } = this.#parts;
    const { signal } = this.#closing;
    const { interceptors, attemptInterceptors } = settings;
    const around = interceptors.map(userInterceptor);
    const each = attemptInterceptors.map(userInterceptor);
    const foreign = [...interceptors, ...attemptInterceptors].some((one) => !ownInterceptor(one));
    const limits = requestLimits(settings.requestBytes);
    return [
      publish("client"),
      ...foreign ? [untilDeadline(signal)] : [],
      ...around,
      limits,
      ...between,
      ...each.length > 0 ? [...each, limits] : [],
    ];
  }

  /** What is refused before it is begun is no call. */
  #count: Interceptor<OutgoingCall> = (next) => (call) => {
    this.#calls++;
    return next(call);
  };

  #outgoing(about: About, input: Payload, options: CallOptions): OutgoingCall {
    const { settings } = this.#parts;
    const { id, command } = about;
    const { signal, trace, timeoutMs = settings.timeoutMs, onReceipt } = options;
    const wantsReceipt = settings.receipts || onReceipt !== undefined;
    return {
      id,
      command,
      input,
      metadata: options.metadata ?? NO_METADATA,
      trace,
      attempt: 1,
      deadline: clock.wallTime() + timeoutMs,
      signal: this.#closing.signal,
      caller: signal,
      timeoutMs,
      idempotent: settings.contract && contractOf(settings.contract, command)?.idempotent,
      retry: options.retry === undefined ? settings.retry : retrySettings(options.retry),
      waitForServer: options.waitForServer ?? settings.waitForServer,
      progress: { stage: "request" },
      receipt: wantsReceipt ? openReceipt(about) : undefined,
      idempotencyKey: options.idempotencyKey,
      partitionKey: options.partitionKey,
      onReceipt,
    };
  }

  /**
   * Tells the servers that nobody waits for a call any more; after `until`, in Unix milliseconds,
   * they know by themselves.
   */
  #cancel = (call: { id: string; digest: string }, until?: number): void => {
    const { settings: { controlTopic, connection: { logger } }, sending } = this.#parts;
    if (controlTopic === undefined) return;
    // Lost, it costs the servers only the work: its deadline ends the command all the same.
    sending.produce(writeCancel(controlTopic, call), { until }).catch((error) => {
      logger.debug("a cancellation could not be sent", { id: call.id, error });
    });
  };

  #encode(about: About, input: unknown): Payload {
    try {
      // Sandboxes of expressions have no codecs of users.
      const codec = about.command === EVAL_COMMAND ? undefined : this.#parts.settings.codec;
      return this.#codecs.encode(input, codec?.contentType);
    } catch (error) {
      throw unencodable(about, error);
    }
  }

  #decode(about: About, output: Payload): unknown {
    try {
      return this.#codecs.decode(output);
    } catch (error) {
      throw unreadableResult(about, error);
    }
  }
}
