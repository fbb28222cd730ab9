// Interceptors of users, kept from breaking a pipeline.
import { isOutcome, isPayload, type Outcome } from "../wire/outcome.ts";
import { RpcError } from "../wire/errors.ts";
import type { Call, CallHandler, Interceptor } from "./call.ts";
import { seenCall } from "./seen_call.ts";

/** Marks a call, and each copy of it, so that it is known again when an interceptor hands it on. */
const ORIGINAL = Symbol("call");

/** An interceptor that hands on whatever kind of call it is given. */
export type OwnInterceptor = <C extends Call>(next: CallHandler<C>) => CallHandler<C>;

const OWN = new WeakMap<Interceptor, OwnInterceptor>();

/**
 * Marks an interceptor of this package. It keeps the rules by itself, and goes without the guard:
 * with it a call of a burst takes nearly twice the processor time.
 */
export function withoutGuard(interceptor: OwnInterceptor): Interceptor {
  OWN.set(interceptor, interceptor);
  return interceptor;
}

/** Undefined where an interceptor is one of users. */
export function ownInterceptor(interceptor: Interceptor): OwnInterceptor | undefined {
  return OWN.get(interceptor);
}

interface Passage<C extends Call> {
  readonly call: C;
  handedOn: boolean;
  settled: boolean;
}

type Marked<C extends Call> = Call & { readonly [ORIGINAL]?: Passage<C> };

/**
 * Guards a user's interceptor. A call goes on at most once; of a copy that is handed on, `input`,
 * `metadata` and `trace` count; whatever it throws (see `onThrow`), and whatever it returns that is no
 * outcome, becomes a failure. It may still never settle: the deadline of the call is for the
 * pipeline's owner.
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
      if (passage.settled) {
        throw broken(
          `${name} called \`next\` after it had settled`,
          "Await `next` before you return",
        );
      }
      const { input, metadata, trace } = handed;
      if (!isPayload(input)) {
        throw broken(
          `${name} hands on an input that is not encoded`,
          "Keep the `input` of the call",
        );
      }
      if (!isMetadata(metadata)) {
        throw broken(`${name} hands on metadata that is not text`, "Give an object of strings");
      }
      if (!isTrace(trace)) {
        throw broken(`${name} hands on a trace that is none`, "Give `{ traceparent }`, of text");
      }
      passage.handedOn = true;
      return await next({ ...passage.call, input, metadata, trace });
    });
    if (typeof handler !== "function") {
      const example = "`(next) => async (call) => await next(call)`";
      throw new RpcError(
        "invalid_argument",
        `Cannot use ${name}: it made no handler. Write it as ${example}.`,
      );
    }
    return async (call) => {
      const passage: Passage<C> = { call, handedOn: false, settled: false };
      const marked: Marked<C> = Object.assign(seenCall(call), { [ORIGINAL]: passage });
      try {
        const outcome: unknown = await handler(marked);
        if (isOutcome(outcome)) return outcome;
        throw broken(`${name} returned no outcome`, "Return what `next` gives");
      } catch (error) {
        return onThrow(error, call);
      } finally {
        passage.settled = true;
      }
    };
  };
}

/** No RpcError: those are what an interceptor means its caller to see. */
function broken(reason: string, todo: string): Error {
  return new Error(`${reason}. ${todo}.`);
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((text) => typeof text === "string");
}

function isTrace(value: unknown): boolean {
  if (value === undefined) return true;
  const { traceparent, tracestate } = Object(value) as Record<string, unknown>;
  return isWellFormed(traceparent) && (tracestate === undefined || isWellFormed(tracestate));
}

function isWellFormed(text: unknown): boolean {
  return typeof text === "string" && text.isWellFormed();
}
