// How calls end.
import { isRpcCode, type RpcCode } from "./errors.ts";
import { JSON_TYPE } from "./headers.ts";
import { metadataRules } from "./metadata.ts";

/** An encoded value: bytes and what they are. */
export interface Payload {
  /**
   * The encoded value. Zero bytes of JSON stand for `undefined`. Other values may lie in the same
   * `buffer`: neither read nor transfer that, but the one of a copy, `bytes.slice()`.
   */
  readonly bytes: Uint8Array;
  /** Media type of the bytes; it may have parameters. */
  readonly contentType: string;
}

/** A failed command as it crosses threads, processes and the wire. */
export interface Failure {
  /** The code the caller sees. */
  readonly code: RpcCode;
  /** Name of the thrown error, for example `TypeError`. */
  readonly name: string;
  /** Message of the thrown error. */
  readonly message: string;
  /** Details of a thrown RpcError, as a JSON value. */
  readonly details?: unknown;
  /** Stack of the thrown error. It leaves the server only where that is chosen. */
  readonly stack?: string;
}

/** How a call ended: a value, or a failure. */
export type Outcome =
  & {
    /** Headers of the reply, set by the command or an interceptor of its server. */
    readonly metadata?: Readonly<Record<string, string>> | undefined;
  }
  & (
    | {
      readonly ok: true;
      readonly output: Payload;
      /** Of a stream: its values were given one by one, and `output` is what its generator returned. */
      readonly isEnd?: boolean | undefined;
    }
    | {
      readonly ok: false;
      readonly failure: Failure;
      /** Whether the server's log has a line about it already. */
      readonly logged?: boolean;
    }
  );

/** The outcome of what gives no value. */
export const NO_VALUE: Outcome = {
  ok: true,
  output: { bytes: new Uint8Array(0), contentType: JSON_TYPE },
};

/** Checks what code of users gave for an outcome. */
export function isOutcome(value: unknown): value is Outcome {
  const { ok, output, failure, metadata } = Object(value) as Record<string, unknown>;
  if (metadata !== undefined && metadataRules.problem(metadata) !== undefined) return false;
  return ok === true ? isPayload(output) : ok === false && isFailure(failure);
}

/** Checks what code of users gave for an encoded value. */
export function isPayload(value: unknown): value is Payload {
  const { bytes, contentType } = Object(value) as Record<string, unknown>;
  return bytes instanceof Uint8Array && typeof contentType === "string";
}

function isFailure(value: unknown): value is Failure {
  const { code, name, message, details, stack } = Object(value) as Record<string, unknown>;
  const texts = typeof name === "string" && typeof message === "string" &&
    (stack === undefined || typeof stack === "string");
  return isRpcCode(code) && texts && (details === undefined || isJson(details));
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
