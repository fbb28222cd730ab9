import { clock } from "../../async/clock.ts";
import type { Logger } from "../../logging/logger.ts";
import type { LogThrottle } from "../../logging/log_throttle.ts";
import type { Call, Interceptor } from "../../pipeline/call.ts";
import type { IncomingCall } from "../incoming_call.ts";
import { describe } from "../../wire/describe.ts";
import { type RpcCode, RpcError } from "../../wire/errors.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { Failure, Outcome } from "../../wire/outcome.ts";

/** Codes of failures that an operator must hear of. */
const MISTAKES: readonly RpcCode[] = ["unknown", "internal", "permission_denied"];
/** Characters of a stack in the log. */
const MAX_STACK_CHARS = 2_000;

export interface FailureLogOptions {
  readonly logger: Logger;
  readonly failures: LogThrottle;
  /** What is wrong with an expression is for its sender alone. */
  readonly isExpression: (command: string) => boolean;
}

export function failureText({ name, message, stack }: Failure): string {
  return (stack ?? `${name}: ${message}`).slice(0, MAX_STACK_CHARS);
}

/**
 * Logs commands that fail by a mistake of their own: their caller gets no stack. Counts how long they
 * ran as well: a policy of its own for that would cost each call a promise.
 */
export function failureLog(
  { logger, failures, isExpression }: FailureLogOptions,
): Interceptor<IncomingCall> {
  const report = ({ id, command }: Call, failure: Failure) => {
    const { code, name, stack } = failure;
    // An RpcError that was thrown on purpose says to the caller all that there is to say. Name and
    // stack together: a stack alone is whatever the command made of it, and `unknown` is also what
    // an error gets that is no RpcError for want of a code.
    const meant = name === "RpcError" && code !== "unknown" && stack?.startsWith("RpcError");
    if (isExpression(command) || meant || !MISTAKES.includes(code)) return;
    failures.log("a command failed", { id, command, code, error: failureText(failure) });
  };
  return (next) => (call) => {
    const { id, command, statistics } = call;
    const start = clock.now();
    statistics?.begins();
    return next(call).then((outcome) => {
      const status = outcome.ok ? "ok" : outcome.failure.code;
      const ms = clock.now() - start;
      statistics?.ran(ms);
      logger.debug("command ran", { id, command, status, ms: Math.round(ms) });
      // How a one-way call fails is logged at its end, whatever fails it.
      const isLogged = outcome.ok || outcome.logged === true || call.oneWay;
      if (!isLogged) report(call, outcome.failure);
      return outcome;
    });
  };
}

/** The failure of a call whose interceptor threw: an RpcError is for its caller, others are logged. */
export function interceptorFailure(failures: LogThrottle): (error: unknown, call: Call) => Outcome {
  return (error, { id, command }) => {
    const described = describe(error);
    const { stack: _, ...failure } = described;
    if (error instanceof RpcError) return { ok: false, failure };
    failures.log("an interceptor failed", { id, command, error: failureText(described) });
    const reason = "an interceptor of the server failed. The log of the server has its error";
    return failedOutcome("internal", `Cannot run "${command}": ${reason}.`);
  };
}
