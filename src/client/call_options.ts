// Options of calls, checked.
import {
  callable,
  type Check,
  flag,
  kindOf,
  refuse,
  show,
  signal,
  text,
  wholeNumber,
} from "../options/check.ts";
import { join, required, type Schema, shape } from "../options/shape.ts";
import { MAX_ID_BYTES } from "../wire/headers.ts";
import { utf8 } from "../wire/utf8.ts";
import { metadataRules } from "../wire/metadata.ts";
import type { Receipt } from "../wire/receipt.ts";
import type { TraceContext } from "../wire/request.ts";
import { RpcError } from "../wire/errors.ts";
import { type RetryOptions, retryOptions } from "./policies/retry.ts";

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds until it rejects with `deadline_exceeded`, 1 to 2 147 483 647. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /** Rejects the call with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** When it is tried again. Default: the client's. */
  readonly retry?: RetryOptions | undefined;
  /** Whether it waits for a server where none listens. Default: the client's. */
  readonly waitForServer?: boolean | undefined;
  /**
   * Your own name for the call, 1 to 255 bytes: while a server remembers it, the same command and
   * input under the same key get one result and do not run again, whoever calls. Default: none.
   */
  readonly idempotencyKey?: string | undefined;
  /**
   * Key of the request's record, 1 to 255 bytes: calls with the same key go to the same partition in
   * the order in which they are made, and so to the same server; with `orderedByKey` there they run
   * one after the other. Default: none, the calls spread over all servers.
   */
  readonly partitionKey?: string | undefined;
  /** Headers for the command to see, as `context.metadata`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** W3C trace context, for the command and on the reply. */
  readonly trace?: TraceContext | undefined;
  /**
   * Called once, when the call has ended, with where its time went and the metadata of its reply. It
   * costs the reply a header. What it throws rejects the call. Default: none.
   */
  readonly onReceipt?: ((receipt: Receipt) => void) | undefined;
}

/** Headers of the caller's own; those that are undefined are left out. */
export const checkMetadata: Check<Record<string, string>> = (value, path) => {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) {
    // A Map or Headers would be sent as nothing.
    refuse(path, "it is no plain object", 'Give one of strings, for example { tenant: "a" }.');
  }
  const copy: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (text === undefined) continue;
    const problem = metadataRules.nameProblem(name);
    if (problem !== undefined) refuse(join(path, name), problem, "Choose another name.");
    if (typeof text !== "string" || !text.isWellFormed()) {
      // Not the value itself: it may be a secret.
      const reason = typeof text === "string" ? "not well-formed Unicode" : kindOf(text);
      refuse(join(path, name), `it is ${reason}`, "Give a string.");
    }
    if (name === "__proto__") Object.defineProperty(copy, name, { value: text, enumerable: true });
    else copy[name] = text;
  }
  return copy;
};

/** A key of the caller's own. */
export const ownKey: Check<string> = (value, name) => {
  const isText = typeof value === "string" && value.isWellFormed();
  if (isText && value !== "" && utf8(value).byteLength <= MAX_ID_BYTES) return value;
  const reason = `it is ${show(value)}, not text of 1 to ${MAX_ID_BYTES} bytes`;
  return refuse(name, reason, 'Give a name of your own, for example "order-17".');
};

export const trace: Check<TraceContext> = shape<TraceContext>({
  traceparent: required(text),
  tracestate: text,
}, {
  example: "{ traceparent }",
});

export const CALL: Schema<CallOptions> = {
  timeoutMs: wholeNumber(),
  signal,
  retry: retryOptions,
  waitForServer: flag,
  idempotencyKey: ownKey,
  partitionKey: ownKey,
  metadata: checkMetadata,
  trace,
  onReceipt: callable("Give a function: (receipt) => console.log(receipt.transitMs)."),
};

const NONE: CallOptions = Object.freeze({});

const callOptions = shape(CALL, { owner: "a call", example: "{ timeoutMs: 5_000 }" });

/** Throws `invalid_argument` of stage `request`, about this call. */
export function checkCall(
  command: string,
  options: CallOptions | undefined,
  id: string,
): CallOptions {
  return checkOptions({ command, id }, options, callOptions);
}

/** The same for the options of other calls. */
export function checkOptions<Options extends object>(
  { command, id }: { readonly command: string; readonly id: string },
  options: Options | undefined,
  check: Check<Options>,
): Options {
  try {
    checkCommand(command);
    return options === undefined ? NONE as Options : check(options, "");
  } catch (error) {
    // Anything else is thrown by the caller's own objects.
    if (!(error instanceof RpcError)) throw error;
    const about = typeof command === "string" ? { command, id } : { id };
    throw new RpcError(error.code, error.message, { ...about, stage: "request" });
  }
}

/** Refuses a command name that no header can carry. */
function checkCommand(command: unknown): void {
  if (typeof command === "string" && /^[^\p{Cc}]{1,255}$/u.test(command)) return;
  throw new RpcError(
    "invalid_argument",
    `Cannot call ${show(command)}: a command's name has 1 to 255 printable characters.`,
  );
}
