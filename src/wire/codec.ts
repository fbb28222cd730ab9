/**
 * Values and thrown errors as bytes and text.
 *
 * {@linkcode createCodec} is one self-contained function on purpose: the same
 * code runs in this process and, sent as text, inside every sandbox, where no
 * file of this package can be imported.
 *
 * @module
 */
import type { RpcCode } from "./errors.ts";

/** An encoded value: bytes and what they are. */
export interface Payload {
  /** The encoded value. Zero bytes of JSON stand for `undefined`. */
  readonly bytes: Uint8Array;
  /** `application/json`, `text/plain` or `application/octet-stream`. */
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

/** What {@linkcode createCodec} gives. */
export interface Codec {
  /**
   * Encodes a value: bytes (Uint8Array, ArrayBuffer) as they are, everything
   * else as JSON. `undefined` is zero bytes; a Date is its ISO text.
   *
   * @throws {TypeError} Where JSON would change the value without saying so:
   * NaN, Infinity, an invalid Date, BigInt, a function, a symbol, a Map, a Set,
   * an Error, a RegExp, a Promise, a view of bytes that is no Uint8Array, bytes inside an object, `undefined` in an array, a cycle.
   */
  encode(value: unknown): Payload;
  /** Encodes `String(value)` as text. */
  encodeText(value: unknown): Payload;
  /**
   * Decodes what {@linkcode Codec.encode} made.
   *
   * @throws {TypeError} Where the bytes are not what the content type says.
   */
  decode(payload: Payload): unknown;
  /**
   * Describes anything that was thrown, however hostile it is: a Proxy, null,
   * an Error whose getters throw.
   */
  describe(thrown: unknown, codes: readonly string[]): Failure;
}

/**
 * Creates a codec. It holds the JSON functions of the moment it was created,
 * so code that replaces the globals later does not change what is sent.
 *
 * | value | becomes |
 * |---|---|
 * | `undefined` | zero bytes, `undefined` again on arrival; left out as a property |
 * | Uint8Array, ArrayBuffer | the bytes, a Uint8Array on arrival |
 * | Date | ISO 8601 text, as `toJSON` gives it |
 * | object with `toJSON` | what `toJSON` gives |
 * | NaN, Infinity, an invalid Date, BigInt, function, symbol, Map, Set, Error, RegExp, Promise, other views of bytes, nested bytes, `undefined` in an array, a cycle | refused with a TypeError that names the property |
 *
 * @returns The codec.
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function createCodec(): Codec {
  const { stringify, parse } = JSON;
  const { isArray } = Array;
  const text = String;
  const utf8 = new TextEncoder();
  const encodeUtf8 = utf8.encode.bind(utf8);
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decodeUtf8 = strict.decode.bind(strict);

  /** What JSON would make of this value without telling, or undefined. */
  function misleading(value: unknown, inArray: boolean): string | undefined {
    switch (typeof value) {
      case "number":
        if (value !== value || value === Infinity || value === -Infinity) {
          return `${value}, which JSON does not have. Send null, a string or a finite number`;
        }
        return undefined;
      case "bigint":
        return "a BigInt, which JSON does not have. Send a string, or a number where it is small enough";
      case "function":
      case "symbol":
        return `a ${typeof value}, which cannot be sent`;
      case "undefined":
        return inArray
          ? "undefined inside an array, which JSON turns into null. Send null"
          : undefined;
      case "object":
        if (value instanceof Map || value instanceof Set) {
          return "a Map or Set, which JSON turns into {}. Send an array or an object";
        }
        if (value instanceof Error || value instanceof RegExp || value instanceof Promise) {
          return "an Error, RegExp or Promise, which JSON turns into {}. Send its text, or await it";
        }
        if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
          return "bytes inside an object. Send them as the whole value, or as base64 text";
        }
        return undefined;
      default:
        return undefined;
    }
  }

  function encode(value: unknown): Payload {
    if (value === undefined) {
      return { bytes: new Uint8Array(0), contentType: "application/json" };
    }
    if (value instanceof Uint8Array) {
      return { bytes: new Uint8Array(value), contentType: "application/octet-stream" };
    }
    if (ArrayBuffer.isView(value)) {
      throw new TypeError("the value is a view of bytes but no Uint8Array. Make one of its buffer");
    }
    if (value instanceof ArrayBuffer) {
      return {
        bytes: new Uint8Array(value),
        contentType: "application/octet-stream",
      };
    }
    const json = stringify(
      value,
      function (this: unknown, key: string, seen: unknown) {
        // As it was before its toJSON: an invalid Date gives null, a Buffer what looks like data.
        const own = (this as Record<string, unknown>)[key];
        const problem = own instanceof Date && seen === null
          ? "an invalid Date, which JSON turns into null. Send null"
          : misleading(ArrayBuffer.isView(own) ? own : seen, isArray(this));
        if (problem !== undefined) {
          throw new TypeError(
            key === "" ? `the value is ${problem}` : `property "${key}" is ${problem}`,
          );
        }
        return seen;
      },
    );
    // toJSON may give undefined for the whole value; sending zero bytes is right for it.
    return { bytes: encodeUtf8(json ?? ""), contentType: "application/json" };
  }

  function encodeText(value: unknown): Payload {
    return { bytes: encodeUtf8(text(value)), contentType: "text/plain" };
  }

  function decode({ bytes, contentType }: Payload): unknown {
    const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
    if (type === "application/octet-stream") return new Uint8Array(bytes);
    if (type !== "application/json" && type !== "text/plain") {
      throw new TypeError(
        `content-type "${contentType}" is not known. Use application/json, text/plain or application/octet-stream`,
      );
    }
    let decoded: string;
    try {
      decoded = decodeUtf8(bytes);
    } catch {
      throw new TypeError(
        `the value is not UTF-8, though its content-type is "${contentType}"`,
      );
    }
    if (type === "text/plain") return decoded;
    if (decoded === "") return undefined;
    try {
      return parse(decoded);
    } catch (error) {
      throw new TypeError(`the value is not JSON: ${(error as Error).message}`);
    }
  }

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

  /** Gives the details only where they can be sent, and says so where they can't. */
  function detailsOf(thrown: unknown): { details?: unknown; note: string } {
    try {
      const details = (thrown as { details?: unknown }).details;
      if (details === undefined) return { note: "" };
      const { bytes, contentType } = encode(details);
      if (contentType !== "application/json" || bytes.byteLength > 16_384) {
        return {
          note: ` (details of ${bytes.byteLength} bytes left out: over 16384 or not JSON)`,
        };
      }
      return { details: decode({ bytes, contentType }), note: "" };
    } catch {
      return { note: " (details left out: they are not JSON)" };
    }
  }

  function describe(thrown: unknown, codes: readonly string[]): Failure {
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
  }

  return { encode, encodeText, decode, describe };
}
