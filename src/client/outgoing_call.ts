// A call on its way through a client.
import { clock } from "../async/clock.ts";
import type { Call } from "../pipeline/call.ts";
import type { RpcError, RpcStage } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { CallOptions } from "./call_options.ts";
import type { CallHandle } from "./handles.ts";
import type { Reply } from "./results_stream.ts";
import type { RetrySettings } from "./policies/retry.ts";
import type { OpenReceipt } from "./receipts.ts";
import type { StreamTarget } from "./streams/value_stream.ts";

/** A {@linkcode Call}, and what the policies of a client need to know of it. */
export interface OutgoingCall extends Call {
  /** The caller's own signal. `signal` is wider, but only where interceptors see it. */
  readonly caller: AbortSignal | undefined;
  /** Milliseconds that the caller waits, for texts of errors. */
  readonly timeoutMs: number;
  readonly retry: RetrySettings;
  /** False: what may have run is not sent again. */
  readonly idempotent?: boolean | undefined;
  readonly waitForServer: boolean;
  /** How far it got, the same object on every attempt. */
  readonly progress: { stage: RpcStage };
  /** Undefined where nobody asked for one. */
  readonly receipt?: OpenReceipt | undefined;
  readonly onReceipt?: CallOptions["onReceipt"];
  /** Of a one-way call, in Unix milliseconds: no server begins it after that. `deadline` is for the sending. */
  readonly expiresAt?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Of a submitted call: has its handle when it is sent. */
  readonly submission?: { handle?: CallHandle } | undefined;
  /** Where the values of a stream go; undefined where one reply is wanted. */
  readonly stream?: StreamTarget | undefined;
  readonly partitionKey?: string | undefined;
  /** Of a call to every server: where its replies go, and the digest of its request when it is sent. */
  readonly gathered?: { digest?: string; onReply(reply: Reply): void } | undefined;
}

/** Milliseconds that a call has left, at least 1. */
export function msLeft({ deadline }: OutgoingCall): number {
  return Math.max(1, deadline - clock.wallTime());
}

/** The outcome of a call that failed on this side, or whose reply says so. */
export function failed(failure: RpcError): Outcome {
  return { ok: false, failure };
}
