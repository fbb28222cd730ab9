/**
 * How calls end.
 *
 * @module
 */
import type { Failure, Payload } from "./codec.ts";

/** How a call ended: a value, or a failure. */
export type Outcome =
  | { readonly ok: true; readonly output: Payload }
  | {
    readonly ok: false;
    readonly failure: Failure;
    /** Whether the server's log has a line about it already. */
    readonly logged?: boolean;
  };
