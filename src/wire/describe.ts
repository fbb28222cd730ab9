// Thrown errors as they cross threads, processes and the wire.
import type { Codec } from "./codecs/codec.ts";
import { createJsonCodec } from "./codecs/json.ts";
import { RPC_CODES, type RpcCode } from "./errors.ts";
import type { Failure } from "./outcome.ts";

/**
 * Creates the function that describes anything that was thrown, however hostile it is: a Proxy,
 * null, an Error whose getters throw. Self-contained, because it travels as text.
 */
export function createDescribe(
  { encode, decode }: Codec,
  codes: readonly string[],
): (thrown: unknown) => Failure {
  const text = String;

  /** Reads one property as text; a getter or a Proxy trap may throw anything. */
  function textOf(
    thrown: unknown,
    property: string,
    limit: number,
  ): string | undefined {
    try {
      const found = (thrown as Record<string, unknown>)[property];
      return typeof found === "string" ? found.slice(0, limit) : undefined;
    } catch {
      return undefined; // what cannot be read is not there: the description goes on without it
    }
  }

  /** The details where they can be sent, and a note where they can't. */
  function detailsOf(thrown: unknown): { details?: unknown; note: string } {
    try {
      const details = (thrown as { details?: unknown }).details;
      if (details === undefined) return { note: "" };
      const bytes = encode(details);
      const size = bytes.byteLength;
      if (size > 16_384) {
        return { note: ` (details of ${size} bytes left out: over 16384 or not JSON)` };
      }
      return { details: decode(bytes), note: "" };
    } catch {
      return { note: " (details left out: they are not JSON)" };
    }
  }

  return function describe(thrown) {
    if (
      typeof thrown !== "object" && typeof thrown !== "function" ||
      thrown === null
    ) {
      return {
        code: "unknown",
        name: "Error",
        message: text(thrown).slice(0, 8_192),
      };
    }
    const name = textOf(thrown, "name", 256) ?? "Error";
    const message = textOf(thrown, "message", 8_192) ??
      "a value that is no Error was thrown";
    const stack = textOf(thrown, "stack", 16_384);
    const withStack = stack === undefined ? {} : { stack };
    const code = textOf(thrown, "code", 64);
    // By name, not by class: the error may come from another realm or another copy of this package.
    if (name === "RpcError" && code !== undefined && codes.includes(code)) {
      const { details, note } = detailsOf(thrown);
      const failure = {
        code: code as RpcCode,
        name,
        message: message + note,
        ...withStack,
      };
      return details === undefined ? failure : { ...failure, details };
    }
    return { code: "unknown", name, message, ...withStack };
  };
}

/** Describes what was thrown in this process. */
export const describe: (thrown: unknown) => Failure = createDescribe(createJsonCodec(), RPC_CODES);
