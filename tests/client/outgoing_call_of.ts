// Calls and outcomes for the tests of policies.
import type { OutgoingCall } from "../../src/client/outgoing_call.ts";
import { retrySettings } from "../../src/client/policies/retry.ts";
import { type RpcCode, RpcError, type RpcErrorOptions } from "../../src/wire/errors.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { callOf } from "../pipeline/call_of.ts";

/** A call of `add` that uses no policy, but for what is given. */
export function outgoingCallOf(parts: Partial<OutgoingCall> = {}): OutgoingCall {
  return {
    ...callOf(),
    deadline: Infinity,
    caller: undefined,
    timeoutMs: 1_000,
    retry: retrySettings(undefined),
    waitForServer: false,
    progress: { stage: "request" },
    ...parts,
  };
}

/** The outcome of a call that failed. */
export function failureOf(code: RpcCode, stage: RpcErrorOptions["stage"] = "remote"): Outcome {
  return { ok: false, failure: new RpcError(code, code, { stage }) };
}

/** The error of a call; undefined where it succeeded. */
export function errorOf(outcome: Outcome): RpcError | undefined {
  return outcome.ok ? undefined : outcome.failure as RpcError;
}
