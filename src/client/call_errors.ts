/**
 * Errors of calls that no server sent.
 *
 * @module
 */
import { RpcError } from "../wire/errors.ts";

/** The call that an error is about. */
export interface About {
  /** Its command. */
  readonly command: string;
  /** Its id. */
  readonly id: string;
}

/** The input can't be encoded. */
export function unencodable(about: About, error: unknown): RpcError {
  return new RpcError(
    "invalid_argument",
    `Cannot send the input of "${about.command}": ${(error as Error).message}.`,
    { ...about, stage: "request", cause: error },
  );
}

/** Input and metadata are over the client's limit. */
export function tooLarge(about: About, size: number, limit: number): RpcError {
  return new RpcError(
    "resource_exhausted",
    `Cannot send the input of "${about.command}": with its metadata it has ${size} bytes, the limit is ` +
      `${limit}. ` +
      "Send less, or raise `requestBytes` here, `limits.requestBytes` of the server and the " +
      "topic's `max.message.bytes`.",
    { ...about, stage: "request", details: { size, limit } },
  );
}

/** Kafka refused the record for good, or there is no time left to send it again. */
export function unsent(error: unknown, command: string, id: string): RpcError {
  const code = error instanceof RpcError ? error.code : "unavailable";
  const reason = error instanceof Error ? error.message : String(error);
  return new RpcError(code, `Cannot call "${command}": ${reason}`, {
    command,
    id,
    stage: "send",
    cause: error,
  });
}

/** The deadline passed before any broker acknowledged the record. */
export function unacknowledged(about: About, timeoutMs: number, cause: unknown): RpcError {
  const reason = cause instanceof Error ? cause.message : "no broker acknowledged the request.";
  return new RpcError(
    "unavailable",
    `Cannot call "${about.command}" within ${timeoutMs} ms: ${reason}`,
    { ...about, stage: "send", cause },
  );
}

/** The deadline passed before a reply came. */
export function overdue(about: About, timeoutMs: number): RpcError {
  return new RpcError(
    "deadline_exceeded",
    `Cannot wait longer for "${about.command}": no reply came within ${timeoutMs} ms. ` +
      "Raise `timeoutMs` if the command takes that long; else see whether the servers' consumer " +
      "group lags or has no member.",
    { ...about, stage: "wait" },
  );
}

/** The reply is there and can't be read. */
export function unreadable(id: string, reason: string): RpcError {
  return new RpcError("data_loss", `Cannot read the reply: ${reason}.`, { id, stage: "remote" });
}

/** The client was closed while the call waited. */
export function abandoned(id: string, command: string): RpcError {
  return new RpcError("canceled", `Cannot wait for "${command}": the client was closed.`, {
    command,
    id,
    stage: "wait",
  });
}
