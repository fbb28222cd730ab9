// Messages of a sandbox, read without trust.
import { type CommandPolicy, policyProblem } from "../contract/policy.ts";
import type { Failure, Outcome, Payload } from "../wire/outcome.ts";
import { BUILT_IN_TYPES } from "../wire/codecs/codecs.ts";
import type { CommandDescription } from "../wire/discovery.ts";
import { isRpcCode } from "../wire/errors.ts";
import { metadataRules } from "../wire/metadata.ts";
import type { FromSandbox, FromSupervisor, Offer } from "./inside/messages.ts";

type Fields = Readonly<Record<string, unknown>>;

function refuse(what: string): never {
  throw new TypeError(`a sandbox sent ${what}`);
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null) return refuse("no object");
  return value as Fields;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : refuse("no text where text belongs");
}

function whole(value: unknown): number {
  return Number.isSafeInteger(value) ? value as number : refuse("no number where one belongs");
}

/** Longest parts of a failure; what describes failures inside cuts them to no more than this. */
const MAX_CHARS = { name: 256, message: 16_384, details: 16_384, stack: 16_384 } as const;
/** Longest reason of an end, in characters. */
const MAX_REASON_CHARS = 1_000;
/** The server looks through all names for near misses of one that does not exist. */
const MAX_COMMANDS = 1_000;
/** Longest name that a caller can send. */
const MAX_NAME_CHARS = 255;

function failure(value: unknown): Failure {
  const { code, name, message, details, stack } = fieldsOf(value);
  // Commands may write frames of their own: nothing larger than this gets into the server.
  if (JSON.stringify(details ?? null).length > MAX_CHARS.details) {
    return refuse("details that are too long");
  }
  return {
    code: isRpcCode(code) ? code : refuse("an unknown code"),
    name: text(name).slice(0, MAX_CHARS.name),
    message: text(message).slice(0, MAX_CHARS.message),
    ...(details === undefined ? {} : { details }),
    ...(typeof stack === "string" ? { stack: stack.slice(0, MAX_CHARS.stack) } : {}),
  };
}

function payload(value: unknown, asked: string | undefined): Payload {
  const { bytes, contentType } = fieldsOf(value);
  if (!(bytes instanceof Uint8Array)) return refuse("a result without bytes");
  if (contentType !== asked && !BUILT_IN_TYPES.includes(text(contentType))) {
    return refuse("an unknown content type");
  }
  return { bytes, contentType: text(contentType) };
}

function outcome(value: unknown, asked: string | undefined): Outcome {
  const fields = fieldsOf(value);
  const read: Outcome = fields["ok"] === true
    ? { ok: true, output: payload(fields["output"], asked) }
    : { ok: false, failure: failure(fields["failure"]) };
  const whole: Outcome = read.ok && fields["isEnd"] === true ? { ...read, isEnd: true } : read;
  const { metadata } = fields;
  if (metadata === undefined) return whole;
  if (metadataRules.problem(metadata) !== undefined) {
    return refuse("metadata that no reply may have");
  }
  return { ...whole, metadata: metadata as Record<string, string> };
}

function commandNames(value: unknown): string[] {
  if (!Array.isArray(value)) return refuse("no list of commands");
  if (value.length > MAX_COMMANDS) {
    return refuse(`${value.length} commands, the limit is ${MAX_COMMANDS}: export fewer functions`);
  }
  return value.map((name) => {
    const { length } = text(name);
    if (length <= MAX_NAME_CHARS) return name;
    return refuse(`a command's name of ${length} characters, the limit is ${MAX_NAME_CHARS}`);
  });
}

const KINDS: readonly unknown[] = ["call", "stream"] satisfies CommandDescription["kind"][];

function description(value: unknown): CommandDescription {
  const { kind, summary, input, output, errors, omitted } = fieldsOf(value);
  if (!KINDS.includes(kind)) return refuse("a command of an unknown kind");
  const schema = (given: unknown) => given === undefined ? undefined : fieldsOf(given);
  const byCode = schema(errors);
  Object.values(byCode ?? {}).forEach(fieldsOf);
  return {
    kind: kind as CommandDescription["kind"],
    summary: summary === undefined ? undefined : text(summary),
    input: schema(input),
    output: schema(output),
    errors: byCode as CommandDescription["errors"],
    omitted: omitted === undefined ? undefined : text(omitted),
  };
}

function descriptions(value: unknown, names: readonly string[]): Offer["descriptions"] {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > names.length) {
    return refuse("no list of descriptions");
  }
  return value.map((entry: unknown) => {
    const [name, described] = Array.isArray(entry) ? entry : refuse("a description of nothing");
    if (!names.includes(name)) return refuse("a description of no command");
    return [name, description(described)];
  });
}

function contentTypes(value: unknown): Offer["contentTypes"] {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map(text) : refuse("no list of content types");
}

function offer({ commands, policies, ...rest }: Fields): Offer {
  const names = commandNames(commands);
  if (!Array.isArray(policies)) return refuse("no list of policies");
  if (policies.length > names.length) return refuse("more policies than commands");
  return {
    ...named("descriptions", descriptions(rest["descriptions"], names)),
    ...named("contentTypes", contentTypes(rest["contentTypes"])),
    commands: names,
    policies: policies.map((entry: unknown) => {
      const [name, policy] = Array.isArray(entry) ? entry : refuse("a policy without a command");
      if (!names.includes(name)) return refuse("a policy of no command");
      const problem = policyProblem(policy);
      if (problem !== undefined) return refuse(`a policy of "${name}" that ${problem}`);
      return [name, policy as CommandPolicy];
    }),
  };
}

/** What is not said is not there. */
function named<Value>(name: string, value: Value | undefined): Readonly<Record<string, Value>> {
  return value === undefined ? {} : { [name]: value };
}

function runs(value: unknown): number[] {
  if (!Array.isArray(value)) return refuse("no list of jobs");
  // There would be no end to them.
  return value.length > 0 ? value.map(whole) : refuse("a list without a job");
}

function broken(fields: Fields): { type: "broken"; reason: string } {
  return { type: "broken", reason: text(fields["reason"]).slice(0, MAX_REASON_CHARS) };
}

/**
 * Reads a decoded message of a sandbox, and nothing in it that is not expected. `asked`: the
 * content type of the input in flight, in which it may be answered. Throws a TypeError for any
 * other message.
 */
export function readFromSandbox(message: unknown, asked?: string): FromSandbox {
  const fields = fieldsOf(message);
  switch (fields["type"]) {
    case "ready":
      return { type: "ready", ...offer(fields) };
    case "failed": {
      const part = fields["part"] === "codecs" ? "codecs" : "commands";
      return { type: "failed", part, failure: failure(fields["failure"]) };
    }
    case "done":
      return {
        type: "done",
        run: whole(fields["run"]),
        outcome: outcome(fields["outcome"], asked),
      };
    case "value":
      return {
        type: "value",
        run: whole(fields["run"]),
        output: payload(fields["output"], asked),
      };
    case "declined":
      return { type: "declined", run: whole(fields["run"]) };
    case "spent":
      return { type: "spent" };
    case "waiting":
      return { type: "waiting", runs: runs(fields["runs"]) };
    case "broken":
      return broken(fields);
    default:
      return refuse("a message of an unknown type");
  }
}

/**
 * Reads a decoded message of a supervisor. No command can send one, yet its texts are of commands.
 * Throws a TypeError for any other message.
 */
export function readFromSupervisor(message: unknown): FromSupervisor {
  const fields = fieldsOf(message);
  const begun = whole(fields["begun"]);
  switch (fields["type"]) {
    case "returned":
      return { type: "returned", begun, upTo: whole(fields["upTo"]) };
    case "broken":
      return { ...broken(fields), begun };
    case "memory":
      return { type: "memory", used: whole(fields["used"]), begun };
    case "oversized":
      return { type: "oversized", bytes: whole(fields["bytes"]), begun };
    default:
      return refuse("a message of an unknown type");
  }
}
