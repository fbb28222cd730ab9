// Values as JSON.
import type { Codec } from "./codec.ts";

/**
 * Creates the codec of JSON. Self-contained, because it travels as text; it holds the functions of
 * the moment it was created, because commands may replace them.
 *
 * | value | becomes |
 * |---|---|
 * | `undefined` | zero bytes, `undefined` again on arrival; left out as a property |
 * | Date | ISO 8601 text, as `toJSON` gives it |
 * | object with `toJSON` | what `toJSON` gives |
 * | NaN, Infinity, an invalid Date, BigInt, function, symbol, Map, Set, Error, RegExp, Promise, bytes, `undefined` in an array, a cycle | refused with a TypeError that names the property |
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function createJsonCodec(): Codec {
  const { stringify, parse } = JSON;
  const { isArray } = Array;
  const utf8 = new TextEncoder();
  const encodeUtf8 = utf8.encode.bind(utf8);
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decodeUtf8 = strict.decode.bind(strict);

  /** What JSON would silently make of a value; undefined where it keeps it. */
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

  function encode(value: unknown): Uint8Array {
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
    // Of undefined, which toJSON may give too, nothing is sent.
    return encodeUtf8(json ?? "");
  }

  function decode(bytes: Uint8Array): unknown {
    let decoded: string;
    try {
      decoded = decodeUtf8(bytes);
    } catch {
      throw new TypeError("the value is not UTF-8"); // a fatal decoder says nothing else
    }
    if (decoded === "") return undefined;
    try {
      return parse(decoded);
    } catch (error) {
      throw new TypeError(`the value is not JSON: ${(error as Error).message}`);
    }
  }

  return { contentType: "application/json", encode, decode };
}
