// Options of clients, checked.
import { flag, signal, text, wholeNumber } from "../options/check.ts";
import { type Schema, shape } from "../options/shape.ts";
import type { Contract } from "../contract/contract.ts";
import { codec } from "../options/codec.ts";
import { contractOption } from "../options/contract.ts";
import { DEFAULT_TIMEOUT_MS, DEFAULT_VALUE_BYTES } from "../options/defaults.ts";
import { checkDistinct, serviceNames, topicName } from "../options/topics.ts";
import { CONNECTION, type ConnectionOptions } from "../transport/connection_options.ts";
import { type Logger, safeLogger, silentLogger } from "../logging/logger.ts";
import type { VerifyKeys } from "../signing/keys.ts";
import { signOption, verifyOption } from "../signing/options.ts";
import type { SigningKeys } from "../signing/signer.ts";
import type { Codec } from "../wire/codecs/codec.ts";
import type { Interceptor } from "../pipeline/call.ts";
import { interceptorsOption } from "../pipeline/interceptors_option.ts";
import { type BreakerOptions, breakerOptions, type BreakerSettings } from "./policies/breaker.ts";
import {
  type RetryOptions,
  retryOptions,
  type RetrySettings,
  retrySettings,
} from "./policies/retry.ts";

/**
 * Options of {@linkcode connect}.
 *
 * @typeParam Commands Type of `contract`, which types the client.
 */
export interface ConnectOptions<Commands extends Contract = never> extends ConnectionOptions {
  /** Topic that commands go to. Default: `commands`. */
  readonly topic?: string | undefined;
  /** Topic that results come on. Default: `<topic>_results`. */
  readonly resultsTopic?: string | undefined;
  /** Milliseconds a call waits where it says nothing else, 1 to 2 147 483 647. Default: 30 000. */
  readonly timeoutMs?: number | undefined;
  /** Most calls that wait at a time, 1 to 2 147 483 647; one more is refused. Default: 10 000. */
  readonly maxPending?: number | undefined;
  /** Most bytes of an encoded input and its metadata, 1 to 2 147 483 647. Default: 1 000 000. */
  readonly requestBytes?: number | undefined;
  /**
   * Encodes inputs, and decodes results of its content type; the servers need it in `codecs`. For
   * expressions it is not used. Default: JSON, and bytes as they are.
   */
  readonly codec?: Codec | undefined;
  /**
   * What the commands take and give, as `contract()` of `@kafka-rpc/deno/command` makes it: it types
   * the client, an input that its schema refuses is not sent, and what is declared not `idempotent` is
   * not sent again where it may have run. Commands that it does not name are
   * called as without it. Default: none.
   */
  readonly contract?: Commands | undefined;
  /** Consumer group of the servers. Default: `<topic>-servers`. */
  readonly group?: string | undefined;
  /**
   * Whether a call waits for a server where none listens. Default: false; it is refused with
   * `unavailable` in about the time of one question to the cluster.
   */
  readonly waitForServer?: boolean | undefined;
  /** When calls are tried again, where they say nothing else. Default: never. */
  readonly retry?: RetryOptions | undefined;
  /** Circuit breakers, one a command. Default: none. */
  readonly breaker?: BreakerOptions | undefined;
  /**
   * What is done to each call, once, around all its attempts; the first one is the outermost.
   * Default: nothing. It sees the encoded input and how the call ended, may change metadata and
   * input, and may answer or refuse by itself. It can't break a call: `next` sends it once at most,
   * what it throws becomes the error of the call, and the call ends at its deadline.
   */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /** The same, once an attempt: `call.attempt` says which. Default: nothing. */
  readonly attemptInterceptors?: readonly Interceptor[] | undefined;
  /**
   * Whether each call asks for a receipt: for interceptors, as `call.receipt`, and on errors. It costs
   * each reply a header. Default: false; a call asks by `onReceipt`.
   */
  readonly receipts?: boolean | undefined;
  /**
   * Signs requests, and cancellations, with this key; a function is asked for each of them. Default:
   * nothing is signed.
   */
  readonly sign?: SigningKeys | undefined;
  /**
   * Takes replies only with a signature by one of these keys, by key id: those of the servers.
   * Default: any reply to a call of this client.
   */
  readonly verify?: VerifyKeys | undefined;
  /**
   * Whether an aborted call is canceled at the servers, over `<topic>_control`; `callMany` goes over it
   * too. Default: true.
   */
  readonly cancellation?: boolean | undefined;
  /** Aborts the connecting, and closes the client later. */
  readonly signal?: AbortSignal | undefined;
}

/** {@linkcode ConnectOptions} with every default in its place. */
export interface ClientSettings {
  readonly connection: ConnectionOptions & { readonly logger: Logger };
  readonly topic: string;
  readonly resultsTopic: string;
  readonly timeoutMs: number;
  readonly maxPending: number;
  readonly requestBytes: number;
  readonly codec: Codec | undefined;
  readonly contract: Contract | undefined;
  readonly group: string;
  readonly waitForServer: boolean;
  readonly retry: RetrySettings;
  /** Undefined for no breakers. */
  readonly breaker: BreakerSettings | undefined;
  readonly interceptors: readonly Interceptor[];
  readonly attemptInterceptors: readonly Interceptor[];
  readonly receipts: boolean;
  readonly sign: SigningKeys | undefined;
  readonly verify: VerifyKeys | undefined;
  /** Topic that cancellations go to; undefined for none. */
  readonly controlTopic: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const CONNECT: Schema<ConnectOptions<Contract>> = {
  ...CONNECTION,
  topic: topicName,
  resultsTopic: topicName,
  timeoutMs: wholeNumber(),
  maxPending: wholeNumber(),
  requestBytes: wholeNumber(),
  codec,
  contract: contractOption,
  group: text,
  waitForServer: flag,
  retry: retryOptions,
  breaker: breakerOptions,
  interceptors: interceptorsOption,
  attemptInterceptors: interceptorsOption,
  receipts: flag,
  sign: signOption,
  verify: verifyOption,
  cancellation: flag,
  signal,
};

const connectOptions = shape(CONNECT, {
  owner: "connect()",
  formerly: new Map([["control", "cancellation"]]),
  example: '{ brokers: ["127.0.0.1:9092"] }',
});

/** Throws `invalid_argument` that names the option. */
export function clientSettings(given: ConnectOptions<Contract>): ClientSettings {
  const options = connectOptions(given, "");
  const { cancellation = true, breaker } = options;
  const names = serviceNames(options);
  const { topic, resultsTopic, group } = names;
  const controlTopic = cancellation ? names.controlTopic : undefined;
  checkDistinct([
    ["`topic`", topic],
    ["`resultsTopic`", resultsTopic],
    ["the topic of `cancellation`", controlTopic],
  ]);
  return {
    connection: { ...options, logger: safeLogger(options.logger ?? silentLogger) },
    topic,
    resultsTopic,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxPending: options.maxPending ?? 10_000,
    requestBytes: options.requestBytes ?? DEFAULT_VALUE_BYTES,
    codec: options.codec,
    contract: options.contract,
    group,
    waitForServer: options.waitForServer ?? false,
    retry: retrySettings(options.retry),
    breaker: breaker && { failures: breaker.failures ?? 5, resetMs: breaker.resetMs ?? 5_000 },
    interceptors: options.interceptors ?? [],
    attemptInterceptors: options.attemptInterceptors ?? [],
    receipts: options.receipts ?? false,
    sign: options.sign,
    verify: options.verify,
    controlTopic,
    signal: options.signal,
  };
}
