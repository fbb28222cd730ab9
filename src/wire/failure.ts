// Failures as they are described, and as the error a caller sees.
import type { Failure, Outcome } from "./outcome.ts";
import { type RpcCode, RpcError } from "./errors.ts";

/** A failed outcome of this package's own, for example `not_found`. */
export function failedOutcome(
  code: RpcCode,
  message: string,
  details?: unknown,
): Outcome {
  const failure: Failure = { code, name: "RpcError", message };
  return {
    ok: false,
    failure: details === undefined ? failure : { ...failure, details },
  };
}

/**
 * The error that a caller sees for a failure that a server sent. Where the
 * command threw something else than an RpcError, `cause` is an error with the
 * remote name and message, and the remote stack where it was sent.
 */
export function remoteError(
  failure: Failure,
  about: { command?: string; id: string },
): RpcError {
  const { code, name, message, details, stack } = failure;
  if (name === "RpcError") {
    return new RpcError(code, message, {
      ...about,
      details,
      stage: "remote",
      ...(stack === undefined ? {} : { cause: remoteCause(name, message, stack) }),
    });
  }
  return new RpcError(code, `${name}: ${message}`, {
    ...about,
    details,
    stage: "remote",
    cause: remoteCause(name, message, stack),
  });
}

function remoteCause(
  name: string,
  message: string,
  stack: string | undefined,
): Error {
  const cause = new Error(message);
  cause.name = name;
  // Its stack would show this file, where nothing went wrong.
  cause.stack = stack ??
    `${name}: ${message}\n    at a remote server (it did not send its stack)`;
  return cause;
}
