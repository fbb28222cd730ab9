// Options of one stream, checked.
import { wholeNumber } from "../../options/check.ts";
import { type Schema, shape } from "../../options/shape.ts";
import { CALL, type CallOptions } from "../call_options.ts";

/** Options of one stream. */
export interface StreamOptions extends Omit<CallOptions, "onReceipt" | "idempotencyKey"> {
  /**
   * Longest wait for the next value in milliseconds, 1 to 2 147 483 647; then it rejects with
   * `deadline_exceeded`. The time that the loop takes for a value does not count. Default: the
   * client's.
   */
  readonly timeoutMs?: number | undefined;
  /** Longest time for all of it in milliseconds, 1 to 2 147 483 647. Default: none. */
  readonly totalTimeoutMs?: number | undefined;
  /** Most values that wait here for the loop, 1 to 100 000; then the command waits. Default: 1 024. */
  readonly window?: number | undefined;
  /** Most bytes of them, but for the last value, 1 to 2 147 483 647. Default: 1 048 576. */
  readonly windowBytes?: number | undefined;
}

const { onReceipt: _, idempotencyKey: __, ...COMMON } = CALL;

const STREAM: Schema<StreamOptions> = {
  ...COMMON,
  totalTimeoutMs: wholeNumber(),
  window: wholeNumber({ to: 100_000 }),
  windowBytes: wholeNumber(),
};

export const streamOptions = shape(STREAM, { owner: "a stream", example: "{ timeoutMs: 5_000 }" });
