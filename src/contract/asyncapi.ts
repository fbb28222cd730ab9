/**
 * Documents out of contracts, for other teams and languages: JSON Schemas, and AsyncAPI 3.1.
 *
 * @example
 * ```ts
 * import { asyncApi } from "@kafka-rpc/deno/asyncapi";
 * import { contract } from "@kafka-rpc/deno/command";
 * import { z } from "zod";
 *
 * const math = contract({ sqrt: { input: z.number(), output: z.number(), summary: "The root." } });
 * const { document, warnings } = asyncApi(math, { title: "Math", version: "1.0.0" });
 * console.log(JSON.stringify(document, undefined, 2));
 * for (const warning of warnings) console.warn(warning);
 * ```
 *
 * @module
 */
import { RPC_CODES, RpcError } from "../wire/errors.ts";
import {
  type CommandSchemas,
  type Described,
  type JsonSchema,
  jsonSchemas,
} from "./json_schemas.ts";
export {
  type CommandSchemas,
  type Described,
  type JsonSchema,
  type JsonSchemas,
  jsonSchemas,
  type JsonSchemaTarget,
} from "./json_schemas.ts";

/** What stands in an AsyncAPI document besides the commands. */
export interface AsyncApiOptions {
  /** Title of the service. */
  readonly title: string;
  /** Version of the service, as in `1.0.0`. */
  readonly version: string;
  /** What the service is for. Default: none. */
  readonly description?: string | undefined;
  /** Topic of the commands. Default: `commands`. */
  readonly topic?: string | undefined;
  /** Addresses of brokers, by a name for each, as in `{ production: "kafka:9092" }`. Default: none. */
  readonly servers?: Readonly<Record<string, string>> | undefined;
}

/** An AsyncAPI document, and what it lacks. */
export interface AsyncApiDocument {
  /** The document: plain data. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Which parts have no JSON Schema, and what to do: a sentence each. */
  readonly warnings: readonly string[];
}

/** Version of the bindings of AsyncAPI for Kafka. */
const BINDING = "0.5.0";
const TEXT: JsonSchema = { type: "string" };
const NUMBER: JsonSchema = { type: "string", pattern: "^\\d+$" };

/** Names of components have no other characters. */
const keyOf = (command: string): string => command.replaceAll(/[^\w.-]/g, "_");
const ref = (path: string) => ({ $ref: `#/${path}` });

/**
 * Describes a service as an AsyncAPI 3.1 document: one operation for each command, which receives
 * its request and replies on the topic that the header `rpc-reply-topic` names.
 *
 * A correlation id is a Kafka key here, which no runtime expression of AsyncAPI can reach: messages
 * have no `correlationId`, the key is described by their Kafka binding.
 *
 * @param commands A module of commands, or what `contract()` returns. What carries no contract is
 * left out.
 * @param options Title and version of the service, its topic and brokers.
 * @returns The document, and a warning for each part without a JSON Schema.
 * @throws {RpcError} `invalid_argument` where two names of commands give one name in the document,
 * and for an option that can't be right.
 *
 * @example
 * ```ts
 * import { asyncApi } from "@kafka-rpc/deno/asyncapi";
 * import { command } from "@kafka-rpc/deno/command";
 * import { z } from "zod";
 *
 * const commands = { root: command({ input: z.number().min(0) }, (n) => Math.sqrt(n)) };
 * const { document } = asyncApi(commands, { title: "Math", version: "1.0.0", topic: "math" });
 * console.log(Object.keys(document));
 * ```
 *
 * @see https://www.asyncapi.com/docs/reference/specification/v3.1.0
 */
export function asyncApi(commands: Described, options: AsyncApiOptions): AsyncApiDocument {
  checkNames(options);
  const { title, version, description, topic = "commands", servers = {} } = options;
  // Its own schemas are those of draft 7, with a little more.
  const { commands: schemas, warnings } = jsonSchemas(commands, { target: "draft-07" });
  const named = Object.entries(schemas).map(([name, one]) => ({ name, key: keyOf(name), ...one }));
  refuseTwins(named);
  const messages = Object.fromEntries(named.flatMap(({ name, key, ...schemas }) => [
    [`${key}.request`, request(name, schemas)],
    [`${key}.reply`, reply(name, schemas)],
    [`${key}.failure`, failure(name, schemas)],
  ]));
  const of = (...ends: readonly string[]) =>
    Object.fromEntries(
      named.flatMap(({ key }) =>
        ends.map((end) => [`${key}.${end}`, ref(`components/messages/${key}.${end}`)])
      ),
    );
  const document = {
    asyncapi: "3.1.0",
    info: { title, version, ...description === undefined ? {} : { description } },
    defaultContentType: "application/json",
    ...Object.keys(servers).length === 0 ? {} : { servers: serversOf(servers) },
    channels: {
      commands: {
        address: topic,
        description: "Requests. The partition is the producer's choice.",
        messages: of("request"),
        bindings: { kafka: { topic, bindingVersion: BINDING } },
      },
      results: {
        address: null,
        description: "Replies, on the topic and partition that the request names.",
        messages: of("reply", "failure"),
      },
    },
    operations: Object.fromEntries(
      named.map(({ name, key, summary }) => [key, operation(name, key, summary)]),
    ),
    components: { messages },
  };
  return { document, warnings };
}

const NAMES = ["title", "version", "description", "topic", "servers"];

function checkNames(options: AsyncApiOptions): void {
  const wrong = Object.keys(options).find((name) => !NAMES.includes(name));
  const missing = ["title", "version"].find((name) => !Object.hasOwn(options, name));
  if (wrong === undefined && missing === undefined) return;
  const reason = wrong === undefined ? `\`${missing}\` is missing` : `there is no \`${wrong}\``;
  throw new RpcError(
    "invalid_argument",
    `Cannot use the options of asyncApi(): ${reason}. There are ${NAMES.join(", ")}.`,
  );
}

function refuseTwins(named: readonly { readonly name: string; readonly key: string }[]): void {
  for (const { name, key } of named) {
    const twin = named.find((other) => other.key === key && other.name !== name);
    if (twin === undefined) continue;
    throw new RpcError(
      "invalid_argument",
      `Cannot describe the commands: "${name}" and "${twin.name}" are both "${key}" in an ` +
        "AsyncAPI document. Rename one.",
    );
  }
}

function serversOf(servers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(servers).map(([name, host]) => [name, { host, protocol: "kafka" }]),
  );
}

function operation(name: string, key: string, summary: string | undefined) {
  return {
    action: "receive",
    title: name,
    ...summary === undefined ? {} : { summary },
    channel: ref("channels/commands"),
    messages: [ref(`channels/commands/messages/${key}.request`)],
    reply: {
      address: {
        location: "$message.header#/rpc-reply-topic",
        description: "Without the header: the results topic of the server.",
      },
      channel: ref("channels/results"),
      messages: ["reply", "failure"].map((end) => ref(`channels/results/messages/${key}.${end}`)),
    },
  };
}

const keyBinding = (description: string) => ({
  kafka: { key: { ...TEXT, description }, bindingVersion: BINDING },
});

function request(name: string, { input }: CommandSchemas) {
  return {
    name: `${name} request`,
    headers: {
      type: "object",
      required: ["rpc-version", "rpc-command"],
      properties: {
        "rpc-version": { const: "1" },
        "rpc-command": { const: name },
        "rpc-reply-topic": TEXT,
        "rpc-reply-partition": NUMBER,
        "rpc-deadline": { ...NUMBER, description: "Unix milliseconds." },
        "rpc-attempt": NUMBER,
        "rpc-id": { ...TEXT, description: "The correlation id, where it is not the key." },
        "content-type": TEXT,
      },
    },
    payload: input ?? {},
    bindings: keyBinding("The correlation id, where there is no header rpc-id."),
  };
}

function reply(name: string, { output }: CommandSchemas) {
  return {
    name: `${name} reply`,
    headers: replyHeaders({ "rpc-status": { const: "ok" } }, ["rpc-status"]),
    payload: output ?? {},
    bindings: keyBinding("That of the request."),
  };
}

function failure(name: string, { errors = {} }: CommandSchemas) {
  const details = Object.entries(errors).map(([code, schema]) => ({
    if: { properties: { "rpc-status": { const: code } } },
    then: { properties: { "rpc-error": errorSchema(schema) } },
  }));
  const properties = { "rpc-status": { enum: [...RPC_CODES] }, "rpc-error": errorSchema({}) };
  const headers = replyHeaders(properties, ["rpc-status", "rpc-error"]);
  return {
    name: `${name} failure`,
    headers: details.length === 0 ? headers : { ...headers, allOf: details },
    contentType: "text/plain",
    payload: { ...TEXT, description: "The error in words, for people." },
    bindings: keyBinding("That of the request."),
  };
}

function errorSchema(details: JsonSchema): JsonSchema {
  const properties = { name: TEXT, message: TEXT, details };
  return {
    ...TEXT,
    contentMediaType: "application/json",
    description: `JSON: ${JSON.stringify({ type: "object", properties })}`,
  };
}

function replyHeaders(properties: Readonly<Record<string, JsonSchema>>, required: string[]) {
  return {
    type: "object",
    required: ["rpc-version", ...required],
    properties: { "rpc-version": { const: "1" }, ...properties, "content-type": TEXT },
  };
}
