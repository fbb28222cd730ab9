// Options of one-way calls, checked.
import { signal, wholeNumber } from "../options/check.ts";
import { type Schema, shape } from "../options/shape.ts";
import type { TraceContext } from "../wire/request.ts";
import { checkMetadata, ownKey, trace } from "./call_options.ts";

/** Options of one {@linkcode Client.send}. */
export interface SendOptions {
  /** Milliseconds that a broker may take to acknowledge it, 1 to 2 147 483 647. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /**
   * Milliseconds after which no server begins it any more, 1 to a hundred years; it then fails there.
   * Default: none, it is as good at any time; 4 minutes where the client has `sign`.
   */
  readonly ttlMs?: number | undefined;
  /** Ends the waiting with the signal's reason when it aborts; what was sent is run all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Headers for the command to see, as `context.metadata`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** W3C trace context, for the command. */
  readonly trace?: TraceContext | undefined;
  /**
   * Your own name for the call, 1 to 255 bytes: while a server remembers it, the same command and
   * input under the same key do not run again. Default: none, each call is another one.
   */
  readonly idempotencyKey?: string | undefined;
  /** Key of the request's record, as of a call. Default: none. */
  readonly partitionKey?: string | undefined;
}

/** Options of one {@linkcode Client.submit}. */
export interface SubmitOptions extends Omit<SendOptions, "ttlMs"> {
  /**
   * Milliseconds after which no server begins it any more, and nobody waits for its reply, 1 to a
   * hundred years. Default: 86 400 000, a day; 4 minutes where the client has `sign`.
   */
  readonly ttlMs?: number | undefined;
}

/** A hundred years: the deadline in the header stays a whole number that each reader takes. */
const MAX_TTL_MS = 3_155_760_000_000;

const SEND: Schema<SendOptions> = {
  timeoutMs: wholeNumber(),
  ttlMs: wholeNumber({ to: MAX_TTL_MS }),
  signal,
  metadata: checkMetadata,
  trace,
  idempotencyKey: ownKey,
  partitionKey: ownKey,
};

export const submitOptions = shape<SubmitOptions>(SEND, {
  owner: "submit()",
  example: "{ ttlMs: 3_600_000 }",
});
export const sendOptions = shape(SEND, { owner: "send()", example: "{ ttlMs: 60_000 }" });
