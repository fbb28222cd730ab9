/**
 * Messages between a sandbox and whoever runs it.
 *
 * @module
 */
import type { Failure } from "../wire/codec.ts";
import type { Outcome } from "../wire/reply.ts";
import type { Job } from "./executor.ts";

/** What a sandbox must know before it can run anything. */
export interface SandboxBoot {
  /** URL of the commands module; undefined where the only command is `eval`. */
  readonly module?: string | undefined;
  /** Every code that a thrown RpcError may carry. */
  readonly codes: readonly string[];
  /** Most bytes of an encoded result. */
  readonly resultBytes: number;
}

/** To a sandbox. `run` counts its jobs, so that a late answer is not taken for the next one's. */
export type ToSandbox =
  | { readonly type: "run"; readonly run: number; readonly job: Job }
  | { readonly type: "abort"; readonly run: number; readonly reason: Failure };

/** From a sandbox. */
export type FromSandbox =
  | { readonly type: "ready"; readonly commands: readonly string[] }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "done"; readonly run: number; readonly outcome: Outcome };
