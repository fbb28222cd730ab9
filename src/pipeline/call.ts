// A call on its way, and what handles it: the same types on both sides.
import type { Outcome, Payload } from "../wire/outcome.ts";
import type { Receipt } from "../wire/receipt.ts";
import type { TraceContext } from "../wire/request.ts";

/** A call on its way through one side, its input encoded. */
export interface Call {
  /** Correlation id, the same on every attempt. */
  readonly id: string;
  /** Name of the command. */
  readonly command: string;
  /** The encoded input. */
  readonly input: Payload;
  /** Headers of the caller's own. */
  readonly metadata: Readonly<Record<string, string>>;
  /** On a server that has `verify`: who signed the request. */
  readonly principal?: string | undefined;
  /** W3C trace context. */
  readonly trace?: TraceContext | undefined;
  /** 1 for the first sending of the request, then 2, 3, … */
  readonly attempt: number;
  /** Unix milliseconds, on the clock of this process, after which the call is over. */
  readonly deadline: number;
  /** Aborts when the call is canceled, at its deadline, and when the client or server closes. */
  readonly signal: AbortSignal;
  /** Whether its caller wants no reply: what its outcome says is for this side alone. */
  readonly oneWay?: boolean | undefined;
  /** Where its time went, as it fills: on a client, of a call that asks for a receipt. */
  readonly receipt?: Receipt | undefined;
}

/** Handles a call. What goes wrong is an outcome with `ok: false`. */
export type CallHandler<C extends Call = Call> = (call: C) => Promise<Outcome>;

/**
 * One step of a pipeline: given the handler behind it, makes the handler that stands in its place.
 * It is called once, where the pipeline is built; what it returns, once a call.
 */
export type Interceptor<C extends Call = Call> = (next: CallHandler<C>) => CallHandler<C>;
