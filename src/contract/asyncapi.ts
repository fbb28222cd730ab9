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
import { RpcError } from "../wire/errors.ts";
import { BINDING, replies, request, STREAM } from "./asyncapi_messages.ts";
import { type CommandSchemas, type DescribedCommands, jsonSchemas } from "./json_schemas.ts";
export {
  type CommandSchemas,
  type DescribedCommands,
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

/** Names of components have no other characters. */
const keyOf = (command: string): string => command.replaceAll(/[^\w.-]/g, "_");
const ref = (path: string) => ({ $ref: `#/${path}` });

/**
 * Describes a service as an AsyncAPI 3.1 document: one operation for each command, which receives
 * its request and replies on the topic that the header `rpc-reply-topic` names. A stream replies with
 * a message for each value, and one for its end.
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
export function asyncApi(commands: DescribedCommands, options: AsyncApiOptions): AsyncApiDocument {
  checkNames(options);
  const { title, version, description, topic = "commands", servers = {} } = options;
  // Its own schemas are those of draft 7, with a little more.
  const { commands: schemas, warnings } = jsonSchemas(commands, { target: "draft-07" });
  const named = Object.entries(schemas).map(([name, one]) => ({ name, key: keyOf(name), ...one }));
  refuseTwins(named);
  const messages = Object.fromEntries(named.flatMap(({ name, key, ...schemas }) => [
    [`${key}.request`, request(name, schemas)],
    ...replies(name, schemas).map(([end, message]) => [`${key}.${end}`, message]),
  ]));
  const of = (isRequest: boolean) =>
    Object.fromEntries(
      Object.keys(messages).filter((name) => name.endsWith(".request") === isRequest)
        .map((name) => [name, ref(`components/messages/${name}`)]),
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
        messages: of(true),
        bindings: { kafka: { topic, bindingVersion: BINDING } },
      },
      results: {
        address: null,
        description: "Replies, on the topic and partition that the request names.",
        messages: of(false),
      },
    },
    operations: Object.fromEntries(
      named.map(({ name, key, ...schemas }) => [key, operation(name, key, schemas)]),
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

function operation(name: string, key: string, schemas: CommandSchemas) {
  const { summary, stream } = schemas;
  return {
    action: "receive",
    title: name,
    ...summary === undefined ? {} : { summary },
    ...stream ? { description: STREAM } : {},
    channel: ref("channels/commands"),
    messages: [ref(`channels/commands/messages/${key}.request`)],
    reply: {
      address: {
        location: "$message.header#/rpc-reply-topic",
        description: "Without the header: the results topic of the server.",
      },
      channel: ref("channels/results"),
      messages: replies(name, schemas).map(([end]) =>
        ref(`channels/results/messages/${key}.${end}`)
      ),
    },
  };
}
