// What is evaluated inside a fresh realm before an expression is.
import type { Codecs } from "../../wire/codecs/codecs.ts";
import type { createBytesCodec } from "../../wire/codecs/bytes.ts";
import type { createJsonCodec } from "../../wire/codecs/json.ts";
import type { createTextCodec } from "../../wire/codecs/text.ts";
import type { createDescribe } from "../../wire/describe.ts";
import type { Job } from "../executor.ts";
import type { createEvaluate } from "./evaluate.ts";
import type { createRunner } from "./run_command.ts";

export interface RealmParts {
  readonly createBytesCodec: typeof createBytesCodec;
  readonly createJsonCodec: typeof createJsonCodec;
  readonly createTextCodec: typeof createTextCodec;
  readonly createDescribe: typeof createDescribe;
  readonly createEvaluate: typeof createEvaluate;
  readonly createRunner: typeof createRunner;
}

export interface RealmSettings {
  /** Most bytes of an encoded result. */
  readonly resultBytes: number;
  /** Every code that a thrown RpcError may carry. */
  readonly codes: readonly string[];
  readonly evalCommand: string;
  /** Names that a realm would have by itself, and that are asked of a child of its own. */
  readonly withheld: readonly string[];
  readonly kinds: typeof REALM_RESULT;
}

/** First character of what a realm gives; the rest is the value. */
export const REALM_RESULT = { json: "j", text: "t", base64: "b", failure: "f" } as const;

/**
 * The one function that the host holds of a realm. Texts go in and a text comes out, never an
 * object. With an expression it begins to evaluate it; `absent` are the names in its text, with
 * commas between, that a child of its own has and a realm has not. It gives an empty text while there
 * is no outcome, `declined` where the expression needs what a realm has not, else a character of
 * {@linkcode REALM_RESULT} and the value.
 */
export type RealmStep = (code?: string, resultAs?: Job["resultAs"], absent?: string) => string;

/**
 * Prepares a realm. It runs inside it, and sees nothing but its parameters and the realm's own
 * globals: what an expression makes of these afterwards spoils its own outcome alone. `createParts`
 * gets two classes, because a realm has none that encode text.
 */
export function prepareRealm(
  createParts: (encoder: unknown, decoder: unknown) => RealmParts,
  { codes, evalCommand, kinds, resultBytes, withheld }: RealmSettings,
): RealmStep {
  /** Text in the place of its bytes: the host encodes it. */
  class Utf8 {
    constructor(readonly text: string) {}
    get byteLength(): number {
      const { text } = this;
      let bytes = text.length;
      for (let at = 0; at < text.length; at++) {
        const unit = text.charCodeAt(at);
        // Half of a pair counts two: four for both.
        if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
      }
      return bytes;
    }
  }
  class Encoder {
    encode(text = ""): Utf8 {
      return new Utf8(text);
    }
  }
  class Decoder {
    decode({ text }: Utf8): string {
      return text;
    }
  }
  const parts = createParts(Encoder, Decoder);
  const { stringify } = JSON;
  const { defineProperty, getPrototypeOf } = Object;
  const toBase64 = Uint8Array.prototype.toBase64;
  const { apply } = Reflect;
  const [bytes, json, text] = [
    parts.createBytesCodec(),
    parts.createJsonCodec(),
    parts.createTextCodec(),
  ];
  const codecs: Omit<Codecs, "contentTypes"> = {
    encode: (value) => {
      const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
      const { contentType, encode } = isBytes ? bytes : json;
      return { bytes: encode(value), contentType };
    },
    encodeText: (value) => ({ bytes: text.encode(value), contentType: text.contentType }),
    decode: ({ bytes }) => (bytes as unknown as Utf8).text,
  };
  const evaluate = parts.createEvaluate();
  const describe = parts.createDescribe(json, codes);
  const find = () => evaluate;
  const run = parts.createRunner({ codecs, describe, evalCommand, resultBytes, find });

  let declined = false;
  let given = "";
  async function start(code: string, resultAs: Job["resultAs"]): Promise<void> {
    try {
      const input = { bytes: new Utf8(code) as unknown as Uint8Array, contentType: "" };
      const context = { command: evalCommand } as Job["context"];
      const outcome = await run({ input, context, resultAs }, undefined as unknown as AbortSignal);
      if (!outcome.ok) {
        given = kinds.failure + stringify(outcome.failure);
        return;
      }
      const { output } = outcome;
      given = output.contentType === bytes.contentType
        ? kinds.base64 + apply(toBase64, output.bytes, [])
        : (output.contentType === json.contentType ? kinds.json : kinds.text) +
          (output.bytes as unknown as Utf8).text;
    } catch {
      declined = true; // it spoiled what describes its outcome: a child of its own says how
    }
  }

  // An expression that asks for one of them, by whatever way, gets the answer of a child that has it.
  const trap = {
    get: () => {
      declined = true;
    },
    set: () => {
      declined = true;
    },
    configurable: true,
  };
  const global = globalThis;
  for (const name of withheld) defineProperty(global, name, trap);
  defineProperty(Symbol, "metadata", trap);
  defineProperty(Object.prototype, "__proto__", trap); // Deno has one that does nothing
  Reflect.deleteProperty(Intl, "v8BreakIterator");
  // Nothing makes code of text any more, so that the text that was looked at is all there is.
  for (const kind of [function () {}, async () => {}, function* () {}, async function* () {}]) {
    defineProperty(getPrototypeOf(kind), "constructor", trap);
  }
  // Deno hands objects of its own realm to `Error.prepareStackTrace`, whatever `Error` then is.
  const Native = Error;
  const fixed = { set: trap.set, configurable: false };
  defineProperty(Native, "prepareStackTrace", { get: () => undefined, ...fixed });
  defineProperty(global, "Error", { get: () => Native, ...fixed });

  return (code, resultAs, absent) => {
    if (code !== undefined) {
      if (absent) { for (const name of absent.split(",")) defineProperty(global, name, trap); }
      void start(code, resultAs!);
    }
    return declined ? "declined" : given;
  };
}
