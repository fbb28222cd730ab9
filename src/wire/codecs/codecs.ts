// The codecs of one side, by content type.
import type { Payload } from "../outcome.ts";
import { createBytesCodec } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import { createJsonCodec } from "./json.ts";
import { createTextCodec } from "./text.ts";
import { utf8 } from "../utf8.ts";

export interface BuiltInCodecs {
  /** Every value that is not bytes. */
  readonly json: Codec;
  /** Uint8Array and ArrayBuffer. */
  readonly bytes: Codec;
  /** Results of the plain protocol. */
  readonly text: Codec;
}

export interface Codecs {
  /** What they read and write. */
  readonly contentTypes: readonly string[];
  /**
   * Encodes by the user's codec of the content type; where there is none, bytes (Uint8Array,
   * ArrayBuffer) as they are and everything else as JSON. Throws a TypeError where the value would
   * change silently.
   */
  encode(value: unknown, contentType?: string): Payload;
  /** Encodes `String(value)` as text. */
  encodeText(value: unknown): Payload;
  /** Throws a TypeError where no codec has the content type, or the bytes are not what it says. */
  decode(payload: Payload): unknown;
}

/**
 * Self-contained, because it travels as text. `added` is as the modules of a user export it. Throws
 * a TypeError where one of these is no codec, or has the content type of another.
 */
export function createCodecs(
  { json, bytes, text }: BuiltInCodecs,
  added: readonly unknown[],
): Codecs {
  const all = new Map([json, text, bytes].map((codec) => [codec.contentType, codec]));
  const own = new Map<string, Codec>();
  for (const codec of added as readonly Partial<Codec>[]) {
    const { contentType } = codec ?? {};
    if (typeof codec?.encode !== "function" || typeof codec.decode !== "function") {
      throw new TypeError("it is no { contentType, encode, decode }");
    }
    if (typeof contentType !== "string" || !/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(contentType)) {
      throw new TypeError("its contentType is no media type in lower case without parameters");
    }
    if (all.has(contentType)) {
      throw new TypeError(`there is a codec of the content type ${contentType} already`);
    }
    all.set(contentType, codec as Codec);
    own.set(contentType, codec as Codec);
  }
  /** Nearly always it is one of theirs as it stands. */
  const typeOf = (contentType: string) =>
    all.has(contentType) ? contentType : contentType.split(";", 1)[0]!.trim().toLowerCase();

  function encodeBy(codec: Codec, value: unknown, contentType = codec.contentType): Payload {
    const bytes = codec.encode(value);
    if (bytes instanceof Uint8Array) return { bytes, contentType };
    throw new TypeError(`the codec of ${codec.contentType} returned no Uint8Array`);
  }

  return {
    contentTypes: [...all.keys()],
    encode(value, contentType = json.contentType) {
      const chosen = own.get(typeOf(contentType));
      if (chosen !== undefined) return encodeBy(chosen, value, contentType);
      const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
      return encodeBy(isBytes ? bytes : json, value);
    },
    encodeText: (value) => encodeBy(text, value),
    decode({ bytes, contentType }) {
      const chosen = all.get(typeOf(contentType));
      if (chosen !== undefined) return chosen.decode(bytes);
      const known = [...all.keys()].join(", ");
      throw new TypeError(
        `content-type "${contentType}" is not known. Use ${known}, or add its codec: \`codecs\` of ` +
          "serve(), `codec` of connect()",
      );
    },
  };
}

const BUILT_IN: BuiltInCodecs = {
  json: createJsonCodec(utf8),
  bytes: createBytesCodec(),
  text: createTextCodec(),
};

/** Their content types, which every reader knows. */
export const BUILT_IN_TYPES: readonly string[] = Object.values(BUILT_IN)
  .map(({ contentType }) => contentType);

/** The codecs of this process. Throws as {@linkcode createCodecs} does. */
export function codecsWith(added: readonly unknown[] = []): Codecs {
  return createCodecs(BUILT_IN, added);
}
