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
 * | NaN, Infinity, an invalid Date, BigInt, function, symbol, Map, Set, Error, RegExp, Promise, bytes, a Blob, an iterator and whatever else would become `{}`, `undefined` or a hole in an array, a cycle | refused with a TypeError that names the property |
 *
 * An integer that arrives and that a number can't hold is refused: its last digits would be lost.
 *
 * `encodeText` encodes as UTF-8. Default: a TextEncoder.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function createJsonCodec(encodeText?: (text: string) => Uint8Array): Codec {
  const { stringify, parse } = JSON;
  const { isArray } = Array;
  const { getPrototypeOf, hasOwn } = Object;
  const { apply } = Reflect;
  const toTag = Object.prototype.toString;
  const objectPrototype = Object.prototype;
  const arrayPrototype = Array.prototype;
  /** Kinds of objects without properties of their own, by the name that they give themselves. */
  const emptied = new Set([
    ..."Blob File Headers FormData URLSearchParams Request Response ReadableStream".split(" "),
    ..."WritableStream TransformStream WeakMap WeakSet WeakRef SharedArrayBuffer Symbol".split(" "),
    ..."Generator AsyncGenerator".split(" "),
  ]);
  const utf8 = new TextEncoder();
  const encodeUtf8 = encodeText ?? utf8.encode.bind(utf8);
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
      case "object": {
        if (value === null) return undefined;
        const prototype = getPrototypeOf(value);
        // Nearly all of them: nothing more is asked about these.
        if (prototype === objectPrototype || prototype === arrayPrototype) return undefined;
        if (value instanceof Map || value instanceof Set) {
          return "a Map or Set, which JSON turns into {}. Send an array or an object";
        }
        if (value instanceof Error || value instanceof RegExp || value instanceof Promise) {
          return "an Error, RegExp or Promise, which JSON turns into {}. Send its text, or await it";
        }
        if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
          return "bytes inside an object. Send them as the whole value, or as base64 text";
        }
        const tag = (apply(toTag, value, []) as string).slice(8, -1);
        if (tag === "Number") return misleading(Number(value), inArray);
        if (tag === "BigInt") return misleading(BigInt(Number(value)), inArray);
        if (emptied.has(tag) || tag.endsWith("Iterator") || tag === "Iterator Helper") {
          return `a ${tag}, which JSON turns into {}. Send what is in it, as text, an array or an object`;
        }
        return undefined;
      }
      default:
        return undefined;
    }
  }

  /** What is misleading about a property, as it was before its toJSON as well. */
  function problemAt(holder: unknown, key: string, seen: unknown): string | undefined {
    // An invalid Date gives null, a Buffer what looks like data.
    const own = (holder as Record<string, unknown>)[key];
    if (own instanceof Date && seen === null) {
      return "an invalid Date, which JSON turns into null. Send null";
    }
    const problem = misleading(ArrayBuffer.isView(own) ? own : seen, isArray(holder));
    const isHole = problem !== undefined && isArray(holder) && !hasOwn(holder, key);
    return isHole ? "a hole in an array, which JSON turns into null. Send null" : problem;
  }

  /** The error about the first problem, by its whole path: a walk of its own, to cost others nothing. */
  function refusal(value: unknown, problem: string): TypeError {
    const paths = new Map<unknown, string>();
    let found: string | undefined;
    stringify(value, function (this: unknown, key: string, seen: unknown) {
      if (found !== undefined) return undefined;
      const above = paths.get(this);
      const path = above === undefined ? "" : pathTo(above, key, isArray(this));
      if (problemAt(this, key, seen) !== undefined) {
        found = path;
        return undefined;
      }
      if (typeof seen === "object") paths.set(seen, path);
      return seen;
    });
    return new TypeError(
      found ? `property "${found}" is ${problem}` : `the value is ${problem}`,
    );
  }

  function pathTo(above: string, key: string, inArray: boolean): string {
    if (inArray) return `${above}[${key}]`;
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `${above}[${stringify(key)}]`;
    return above === "" ? key : `${above}.${key}`;
  }

  function encode(value: unknown): Uint8Array {
    const json = stringify(value, function (this: unknown, key: string, seen: unknown) {
      const problem = problemAt(this, key, seen);
      if (problem !== undefined) throw refusal(value, problem);
      return seen;
    });
    // Of undefined, which toJSON may give too, nothing is sent.
    return encodeUtf8(json ?? "");
  }

  /** Refuses an integer whose last digits a number can't hold, and what is larger than any. */
  function exact(_: string, value: unknown, { source }: { source?: string } = {}): unknown {
    if (typeof value !== "number" || source === undefined || String(value) === source) return value;
    const isInfinite = value === Infinity || value === -Infinity;
    // What another JavaScript wrote is the same again, though it has more digits than it means.
    const isKept = !/^-?\d+$/.test(source) || !isInfinite && BigInt(value) === BigInt(source);
    if (isKept && !isInfinite) return value;
    const kind = isInfinite ? "number" : "integer";
    throw new TypeError(
      `the value has the ${kind} ${
        source.slice(0, 40)
      }, which a number can't hold. Send it as text`,
    );
  }

  const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;

  /** Whether 16 digits stand in a row: one of them lies on each sixteenth byte. */
  function hasLongRun(bytes: Uint8Array): boolean {
    for (let at = 15; at < bytes.length; at += 16) {
      if (!isDigit(bytes[at])) continue;
      let [from, to] = [at, at];
      while (isDigit(bytes[from - 1])) from--;
      while (isDigit(bytes[to + 1])) to++;
      if (to - from >= 15) return true;
    }
    return false;
  }

  /**
   * Whether there may be a number that no number holds: one with a large exponent, or an integer of 16
   * digits. The bytes are looked at first: for the same, an expression takes as long as `parse`.
   */
  function mayLose(bytes: Uint8Array, text: string): boolean {
    return hasLongRun(bytes) && /(?<![\d.])\d{16}/.test(text) || /\d[eE]\+?\d{3}/.test(text);
  }

  function decode(bytes: Uint8Array): unknown {
    let decoded: string;
    try {
      decoded = decodeUtf8(bytes);
    } catch {
      throw new TypeError("the value is not UTF-8"); // a fatal decoder says nothing else
    }
    if (decoded === "") return undefined;
    let value: unknown;
    try {
      value = parse(decoded);
    } catch (error) {
      throw new TypeError(`the value is not JSON: ${(error as Error).message}`);
    }
    // Few have such numbers, and only these are read again.
    return mayLose(bytes, decoded) ? parse(decoded, exact) : value;
  }

  return { contentType: "application/json", encode, decode };
}
