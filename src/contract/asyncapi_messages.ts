// Messages of AsyncAPI documents: what is sent for a command, and what may come back.
import { RPC_CODES } from "../wire/errors.ts";
import type { CommandSchemas, JsonSchema } from "./json_schemas.ts";

/** Version of the bindings of AsyncAPI for Kafka. */
export const BINDING = "0.5.0";
const TEXT: JsonSchema = { type: "string" };
const OK: JsonSchema = { const: "ok" };
const NUMBER: JsonSchema = { type: "string", pattern: "^\\d+$" };

/** Of operations that give a stream. */
export const STREAM =
  "A stream: its values come as messages with `rpc-seq` 0, 1, … and `rpc-more`; the one " +
  "without `rpc-more` ends it, its `rpc-seq` is the number of values. A message with `rpc-more` and no " +
  "value says that the stream goes on. The credit of the request is raised over the control topic.";
const STREAM_REQUEST: Readonly<Record<string, JsonSchema>> = {
  "rpc-reply": { const: "stream" },
  "rpc-credit": {
    ...TEXT,
    pattern: "^\\d+( \\d+)?$",
    description: "Highest number of a value that may be sent, and bytes. Default: no limit.",
  },
};

const keyBinding = (description: string) => ({
  kafka: { key: { ...TEXT, description }, bindingVersion: BINDING },
});

/** The message of a request. */
export function request(name: string, { input, stream }: CommandSchemas) {
  return {
    name: `${name} request`,
    headers: {
      type: "object",
      required: ["rpc-version", "rpc-command", ...stream ? ["rpc-reply"] : []],
      properties: {
        "rpc-version": { const: "1" },
        "rpc-command": { const: name },
        "rpc-reply-topic": TEXT,
        "rpc-reply-partition": NUMBER,
        "rpc-deadline": { ...NUMBER, description: "Unix milliseconds." },
        "rpc-attempt": NUMBER,
        "rpc-id": { ...TEXT, description: "The correlation id, where it is not the key." },
        "content-type": TEXT,
        ...stream ? STREAM_REQUEST : {},
      },
    },
    payload: input ?? {},
    bindings: keyBinding("The correlation id, where there is no header rpc-id."),
  };
}

/** What may answer a request, by the end of its message's name. */
export function replies(name: string, schemas: CommandSchemas) {
  const ends = { ...schemas.stream ? frames(name, schemas) : {}, failure: failure(name, schemas) };
  return Object.entries(schemas.stream ? ends : { reply: reply(name, schemas), ...ends });
}

function reply(name: string, { output }: CommandSchemas) {
  return {
    name: `${name} reply`,
    headers: replyHeaders({ "rpc-status": OK }, ["rpc-status"]),
    payload: output ?? {},
    bindings: keyBinding("That of the request."),
  };
}

/** The frames of a stream: its values, what says that it goes on, and its end. */
function frames(name: string, { output }: CommandSchemas) {
  const frame = (what: string, more: boolean, payload: JsonSchema) => ({
    name: `${name} ${what}`,
    headers: replyHeaders(
      { "rpc-status": OK, "rpc-seq": NUMBER, ...more ? { "rpc-more": { const: "1" } } : {} },
      ["rpc-status", "rpc-seq", ...more ? ["rpc-more"] : []],
    ),
    payload,
    bindings: keyBinding("That of the request."),
  });
  return {
    value: frame("value", true, output ?? {}),
    pause: frame("sign of life", true, { type: "null" }),
    end: frame("end", false, {}),
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
