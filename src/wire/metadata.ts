// Metadata: headers of users' own, on requests and on replies.
import { OWN_HEADERS } from "./headers.ts";

/** Most bytes of the metadata of one reply, names and values as UTF-8. */
const REPLY_METADATA_BYTES = 16_384;

/** What metadata may be. A problem is the reason in "Cannot use it: reason." */
export interface MetadataRules {
  /** Why a name can't be used; undefined where it can. */
  nameProblem(name: string): string | undefined;
  /** Why no reply can have this metadata; undefined where one can. */
  problem(metadata: unknown): string | undefined;
  /**
   * The metadata of a reply with one more header, or another value of it. Throws a TypeError where
   * that can't be sent.
   */
  add(
    metadata: Readonly<Record<string, string>> | undefined,
    name: unknown,
    value: unknown,
  ): Readonly<Record<string, string>>;
}

/** What the rules must know. */
export interface MetadataSettings {
  /** Headers of the protocol. */
  readonly ownHeaders: readonly string[];
  readonly maxReplyBytes: number;
}

/** Self-contained, because it travels as text. */
export function createMetadataRules(
  { ownHeaders, maxReplyBytes }: MetadataSettings,
): MetadataRules {
  const encoder = new TextEncoder();
  const own = new Set(ownHeaders);
  const bytesOf = (text: string) => encoder.encode(text).byteLength;

  function nameProblem(name: string): string | undefined {
    if (!/^[\x21-\x7e]{1,200}$/.test(name)) return "it is not 1 to 200 printable ASCII characters";
    if (name.startsWith("rpc-") || own.has(name)) return "the protocol uses that name itself";
    return undefined;
  }

  function problem(metadata: unknown): string | undefined {
    if (typeof metadata !== "object" || metadata === null) return "it is no object of strings";
    let bytes = 0;
    for (const [name, value] of Object.entries(metadata)) {
      const reason = nameProblem(name);
      if (reason !== undefined) {
        return `of the name ${JSON.stringify(name.slice(0, 200))}: ${reason}`;
      }
      if (typeof value !== "string" || !value.isWellFormed()) {
        return `the value of "${name}" is no well-formed string`;
      }
      bytes += name.length + bytesOf(value);
    }
    return bytes > maxReplyBytes
      ? `it has ${bytes} bytes, the limit is ${maxReplyBytes}`
      : undefined;
  }

  return {
    nameProblem,
    problem,
    add(metadata, name, value) {
      // No prototype: a header may be called __proto__.
      const added: Record<string, string> = Object.assign(Object.create(null), metadata);
      added[String(name)] = value as string;
      const reason = problem(added);
      if (reason === undefined) return added;
      throw new TypeError(`Cannot set the metadata of the reply: ${reason}. Choose another.`);
    },
  };
}

/** Given to where the rules are made anew, from their text. */
export const METADATA_SETTINGS: MetadataSettings = {
  ownHeaders: [...OWN_HEADERS],
  maxReplyBytes: REPLY_METADATA_BYTES,
};

export const metadataRules: MetadataRules = createMetadataRules(METADATA_SETTINGS);
