// Errors of calls that no server sent.
import { type RpcCode, RpcError, type RpcErrorOptions, type RpcStage } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import { failed, type OutgoingCall } from "./outgoing_call.ts";

/** The call that an error is about. */
export interface About {
  readonly command: string;
  readonly id: string;
}

/** Where servers listen. */
interface Place {
  readonly topic: string;
  readonly group: string;
}

function callError(
  code: RpcCode,
  message: string,
  { command, id }: About,
  options: RpcErrorOptions,
): RpcError {
  return new RpcError(code, message, { command, id, ...options });
}

const textOf = (error: unknown): string => error instanceof Error ? error.message : String(error);

/** The client was closed before the call was made. */
export function closed(about: About): RpcError {
  const text = `Cannot call "${about.command}": the client is closed. Connect a new one.`;
  return callError("failed_precondition", text, about, { stage: "request" });
}

/** The input can't be encoded. */
export function unencodable(about: About, error: unknown): RpcError {
  const text = `Cannot send the input of "${about.command}": ${textOf(error)}.`;
  return callError("invalid_argument", text, about, { stage: "request", cause: error });
}

/** Input and metadata are over the client's limit. */
export function tooLarge(about: About, size: number, limit: number): RpcError {
  return callError(
    "resource_exhausted",
    `Cannot send the input of "${about.command}": with its metadata it has ${size} bytes, the limit is ` +
      `${limit}. ` +
      "Put the value in a store and send its address, as in docs/values.md#claim-check; or raise " +
      "`requestBytes` here, `limits.requestBytes` of the server and the topic's `max.message.bytes`.",
    about,
    { stage: "request", details: { size, limit } },
  );
}

/** Nobody would take the call. */
export function noServer(about: About, { topic, group }: Place): RpcError {
  return callError(
    "unavailable",
    `Cannot call "${about.command}": no server listens on ${topic}: the consumer group ` +
      `${group} has no member. Start a server, or set \`waitForServer\` to wait for one. ` +
      "If the servers use another group, give its name as `group`.",
    about,
    { stage: "request" },
  );
}

/** The deadline passed before the cluster said whether a server listens. */
export function unasked(about: About, timeoutMs: number): RpcError {
  const text = `Cannot call "${about.command}" within ${timeoutMs} ms: no broker said whether a ` +
    "server listens. See whether the brokers are in reach, or raise `timeoutMs`.";
  return callError("unavailable", text, about, { stage: "request" });
}

/** Kafka refused the record for good, or there is no time left to send it again. */
export function unsent(error: unknown, about: About): RpcError {
  const code = error instanceof RpcError ? error.code : "unavailable";
  const text = `Cannot call "${about.command}": ${textOf(error)}`;
  return callError(code, text, about, { stage: "send", cause: error });
}

/** The deadline passed before any broker acknowledged the record. */
export function unacknowledged(about: About, timeoutMs: number, cause: unknown): RpcError {
  const reason = cause instanceof Error ? cause.message : "no broker acknowledged the request.";
  const text = `Cannot call "${about.command}" within ${timeoutMs} ms: ${reason}`;
  return callError("unavailable", text, about, { stage: "send", cause });
}

/** The deadline passed before a reply came. */
export function overdue(about: About, timeoutMs: number): RpcError {
  return callError(
    "deadline_exceeded",
    `Cannot wait longer for "${about.command}": no reply came within ${timeoutMs} ms. ` +
      "Raise `timeoutMs` if the command takes that long; else see whether the servers' consumer " +
      "group lags or has no member.",
    about,
    { stage: "wait" },
  );
}

/** The call was sent, and no server is left to answer it. */
export function gone(about: About, { topic, group }: Place): RpcError {
  return callError(
    "unavailable",
    `Cannot wait longer for "${about.command}": no server listens on ${topic} any more: the ` +
      `consumer group ${group} has no member. A server that starts before the deadline of ` +
      "the call may still run it. Start one, or set `waitForServer` to wait for one.",
    about,
    { stage: "wait" },
  );
}

/** The reply is there and can't be read. */
export function unreadable(id: string, reason: string): RpcError {
  return new RpcError("data_loss", `Cannot read the reply: ${reason}.`, { id, stage: "remote" });
}

/** The result can't be decoded. */
export function unreadableResult(about: About, error: unknown): RpcError {
  const text = `Cannot read the result of "${about.command}": ${textOf(error)}.`;
  return callError("data_loss", text, about, { stage: "remote", cause: error });
}

/** The client was closed while the call waited. */
export function abandoned(about: About, stage: RpcStage): RpcError {
  const text = `Cannot wait for "${about.command}": the client was closed.`;
  return callError("canceled", text, about, { stage });
}

/** The caller's signal aborted. The caller sees its reason, interceptors see this. */
export function canceled(call: OutgoingCall): RpcError {
  const text = `Cannot wait for "${call.command}": its caller canceled it.`;
  return callError("canceled", text, call, {
    stage: call.progress.stage,
    cause: call.caller?.reason,
  });
}

/** The outcome of a call one of whose steps threw. What is no RpcError is thrown on. */
export function failedBy(error: unknown, call: OutgoingCall): Outcome {
  if (call.caller?.aborted) return failed(canceled(call));
  if (error instanceof RpcError) return failed(error);
  throw error;
}

/** An interceptor hands on a call that has ended. */
export function ended(call: OutgoingCall): RpcError {
  const text = `Cannot hand "${call.command}" on: the call has ended already.`;
  return callError("canceled", text, call, { stage: "request" });
}

/** The deadline passed, and an interceptor still holds the call. */
export function unsettled(call: OutgoingCall): RpcError {
  const { command, timeoutMs, progress: { stage } } = call;
  const text = `Cannot wait longer for "${command}": within ${timeoutMs} ms no interceptor ended ` +
    "the call. See what they wait for; `call.signal` aborts at the deadline.";
  return callError("deadline_exceeded", text, call, { stage });
}

/** An interceptor threw something else than an RpcError. */
export function interceptorFailed(call: OutgoingCall, cause: unknown): RpcError {
  const text = `Cannot call "${call.command}": an interceptor failed: ${textOf(cause)}`;
  return callError("internal", text, call, { stage: call.progress.stage, cause });
}
