// Codecs as options.
import type { Codec } from "../wire/codecs/codec.ts";
import { codecsWith } from "../wire/codecs/codecs.ts";
import { type Check, listOf, refuse, show } from "./check.ts";

/** A codec of the user's own. */
export const codec: Check<Codec> = (value, name) => {
  try {
    codecsWith([value]);
  } catch (error) {
    refuse(
      name,
      (error as Error).message,
      'Give { contentType, encode, decode }, for example the default export of "@kafka-rpc/deno/msgpack".',
    );
  }
  return value as Codec;
};

const EXAMPLE = 'new URL("./codec.ts", import.meta.url)';

/** Modules of codecs, which are imported where the commands run. */
export const codecModules: Check<URL[]> = listOf(
  (value, name) =>
    value instanceof URL ? value : refuse(name, `it is ${show(value)}`, `Give ${EXAMPLE}.`),
  `[${EXAMPLE}]`,
);
