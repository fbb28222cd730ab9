/**
 * Interceptors of users, kept from breaking a pipeline.
 *
 * @module
 */
import type { Outcome } from "../wire/outcome.ts";
import { RpcError } from "../wire/errors.ts";
import type { Call, CallHandler, Interceptor } from "./call.ts";

/** Marks a call, and each copy of it, so that it is known again when an interceptor hands it on. */
const ORIGINAL = Symbol("call");

interface Passage<C extends Call> {
  readonly call: C;
  handedOn: boolean;
}

type Marked<C extends Call> = Call & { readonly [ORIGINAL]?: Passage<C> };

/**
 * Guards a user's interceptor. A call goes on at most once; of a copy that is handed on, `input` and
 * `metadata` count; whatever it throws, and whatever it returns that is no outcome, becomes a
 * failure. It may still never settle: the deadline of the call is for the pipeline's owner.
 *
 * @param interceptor The user's.
 * @param onThrow Makes the failure of a call out of what the interceptor threw.
 * @returns An interceptor that keeps the rules of a pipeline.
 */
export function guard<C extends Call>(
  interceptor: Interceptor,
  onThrow: (error: unknown, call: C) => Outcome,
): Interceptor<C> {
  const name = interceptor.name === "" ? "an interceptor" : `the interceptor "${interceptor.name}"`;
  return (next: CallHandler<C>): CallHandler<C> => {
    const handler = interceptor(async (handed: Marked<C>) => {
      const passage = handed?.[ORIGINAL];
      if (passage === undefined) {
        throw broken(`${name} hands on another call than it was given`, "Hand on a copy of it");
      }
      if (passage.handedOn) {
        const todo = "Call `next` once; `retry` sends a call again";
        throw broken(`${name} called \`next\` twice for one call`, todo);
      }
      passage.handedOn = true;
      return await next({ ...passage.call, input: handed.input, metadata: handed.metadata });
    });
    if (typeof handler !== "function") {
      const example = "`(next) => async (call) => await next(call)`";
      throw new RpcError(
        "invalid_argument",
        `Cannot use ${name}: it made no handler. Write it as ${example}.`,
      );
    }
    return async (call) => {
      const passage: Passage<C> = { call, handedOn: false };
      const marked: Marked<C> = { ...call, [ORIGINAL]: passage };
      try {
        const outcome: unknown = await handler(marked);
        if (isOutcome(outcome)) return outcome;
        throw broken(`${name} returned no outcome`, "Return what `next` gives");
      } catch (error) {
        return onThrow(error, call);
      }
    };
  };
}

function broken(reason: string, todo: string): RpcError {
  return new RpcError("internal", `Cannot go on with the call: ${reason}. ${todo}.`);
}

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== "object" || value === null || !("ok" in value)) return false;
  const { ok, output, failure } = value as Record<string, unknown>;
  return ok === true ? isPayload(output) : ok === false && isFailure(failure);
}

function isPayload(value: unknown): boolean {
  const { bytes, contentType } = (value ?? {}) as Record<string, unknown>;
  return bytes instanceof Uint8Array && typeof contentType === "string";
}

function isFailure(value: unknown): boolean {
  const { code, message } = (value ?? {}) as Record<string, unknown>;
  return typeof code === "string" && typeof message === "string";
}
