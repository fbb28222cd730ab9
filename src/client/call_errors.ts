/**
 * Errors of calls that no server sent.
 *
 * @module
 */
import { RpcError } from "../wire/errors.ts";

/** The error of a call whose record could not be sent. */
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

/** The error of a call whose reply is there and cannot be read. */
export function unreadable(id: string, reason: string): RpcError {
  return new RpcError("data_loss", `Cannot read the reply: ${reason}.`, {
    id,
    stage: "remote",
  });
}
