// The source of what is evaluated in a fresh realm.
import { createBytesCodec } from "../../wire/codecs/bytes.ts";
import { createJsonCodec } from "../../wire/codecs/json.ts";
import { createTextCodec } from "../../wire/codecs/text.ts";
import { createDescribe } from "../../wire/describe.ts";
import { createEvaluate } from "./evaluate.ts";
import { textOf } from "./program.ts";
import { prepareRealm, type RealmParts } from "./realm.ts";
import { createRunner } from "./run_command.ts";

/** Each function is self-contained, so its text is all of it. */
const PARTS: RealmParts = {
  createBytesCodec,
  createJsonCodec,
  createTextCodec,
  createDescribe,
  createEvaluate,
  createRunner,
};

/**
 * Source of a function that takes settings, prepares the realm which evaluates it, and gives the
 * realm's step.
 */
export function realmSource(): string {
  const create = `(TextEncoder, TextDecoder) => (${textOf(PARTS)})`;
  return `"use strict"; ((settings) => (${prepareRealm})(${create}, settings))`;
}
