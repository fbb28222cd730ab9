// What servers answer about themselves, read without trust.
import type { ServerAnswers, ServerDetail } from "../wire/discovery.ts";
import { RpcError } from "../wire/errors.ts";
import { remoteError } from "../wire/failure.ts";
import { JSON_TYPE, quote } from "../wire/headers.ts";
import { textOf } from "../wire/utf8.ts";
import type { Reply } from "./results_stream.ts";

type Fields = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => boolean;
type Rules = Readonly<Record<string, Rule>>;

const text: Rule = (value) => typeof value === "string";
const number: Rule = (value) => Number.isFinite(value);
const flag: Rule = (value) => typeof value === "boolean";
const time: Rule = (value) => text(value) && !Number.isNaN(Date.parse(value as string));
const optional = (rule: Rule): Rule => (value) => value === undefined || rule(value);
const listOf = (rule: Rule): Rule => (value) => Array.isArray(value) && value.every(rule);
const isObject: Rule = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const valuesOf = (rule: Rule): Rule => (value) =>
  isObject(value) && Object.values(value as Fields).every(rule);
const fieldsOf = (rules: Rules): Rule => (value) =>
  isObject(value) && wrongIn(value as Fields, rules) === undefined;

/** Levels of a schema: none is so deep, and what walks through a deeper one runs out of stack. */
const MAX_LEVELS = 200;

const schema: Rule = (value) => {
  if (!isObject(value)) return false;
  let level: unknown[] = [value];
  for (let levels = 0; level.length > 0 && levels < MAX_LEVELS; levels++) {
    level = level.flatMap((part) => {
      return typeof part === "object" && part !== null ? Object.values(part) : [];
    });
  }
  return level.length === 0;
};

function wrongIn(fields: Fields, rules: Rules): string | undefined {
  return Object.keys(rules).find((name) => !rules[name]!(fields[name]));
}

const PING: Rules = {
  server: text,
  host: optional(text),
  version: text,
  protocol: number,
  topic: text,
  group: text,
  startedAt: time,
  state: text,
  partitions: listOf(number),
};
const COMMAND_INFO: Rules = {
  name: text,
  kind: text,
  summary: optional(text),
  input: optional(schema),
  output: optional(schema),
  errors: optional(valuesOf(schema)),
  omitted: optional(text),
  timeoutMs: number,
  queueMs: number,
  requestBytes: number,
  idempotent: flag,
  concurrency: optional(number),
  priority: number,
};
const COMMAND_STATS: Rules = {
  name: text,
  succeeded: number,
  failed: number,
  running: number,
  lastError: optional(fieldsOf({ code: text, message: text, at: time })),
  durations: fieldsOf({ boundsMs: listOf(number), counts: listOf(number), sumMs: number }),
};
const RULES: Readonly<Record<ServerDetail, Rules>> = {
  ping: PING,
  info: {
    ...PING,
    commands: listOf(fieldsOf(COMMAND_INFO)),
    commandsOmitted: optional(number),
    concurrency: number,
    // What has no limit is `null` in JSON.
    limits: valuesOf((value) => number(value) || value === null),
    codecs: listOf(text),
  },
  stats: {
    ...PING,
    uptimeMs: number,
    counts: valuesOf(number),
    commands: listOf(fieldsOf(COMMAND_STATS)),
    commandsOmitted: optional(number),
    memory: fieldsOf({ rss: number, heapUsed: number }),
  },
};

/** What a server says; throws what it refuses the question with, `data_loss` for what can't be read. */
export function readAnswer<Detail extends ServerDetail>(
  detail: Detail,
  { outcome, server, id }: Reply,
): ServerAnswers[Detail] {
  if (!outcome.ok) throw remoteError(outcome.failure, { id });
  const refuse = (reason: string, cause?: unknown): never => {
    const text = `Cannot read what ${quote(server ?? "")} answers about itself: ${reason}. ` +
      "Update the one of both sides that is older.";
    throw new RpcError("data_loss", text, { id, stage: "remote", cause });
  };
  const { bytes, contentType } = outcome.output;
  const json = contentType === JSON_TYPE ? textOf(bytes) : undefined;
  if (json === undefined) return refuse(`it is ${quote(contentType)}, not JSON in UTF-8`);
  let fields: unknown;
  try {
    fields = JSON.parse(json);
  } catch (error) {
    return refuse("it is no JSON", error);
  }
  if (!isObject(fields)) return refuse("it is no object");
  const wrong = wrongIn(fields as Fields, RULES[detail]);
  if (wrong !== undefined) return refuse(`its \`${wrong}\` is missing or of another kind`);
  if ((fields as Fields)["server"] !== server) return refuse("it is about another server");
  return fields as ServerAnswers[Detail];
}
