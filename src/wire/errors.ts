/**
 * The one error class of this package, and the codes it carries.
 *
 * @module
 */
import type { Receipt } from "./receipt.ts";
export type { Receipt };

/**
 * Every code an {@linkcode RpcError} may carry: the gRPC and Connect names in
 * lower case, so that a code means the same here as in the rest of a system.
 *
 * @see https://connectrpc.com/docs/protocol#error-codes
 */
export const RPC_CODES = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** One of {@linkcode RPC_CODES}. */
export type RpcCode = typeof RPC_CODES[number];

/**
 * How far a call got before it failed:
 *
 * - `request`: refused in this process; nothing was sent
 * - `send`: Kafka did not acknowledge the record; it may or may not be there
 * - `wait`: the record was acknowledged, and no reply came
 * - `remote`: a server answered with this error
 */
export type RpcStage = "request" | "send" | "wait" | "remote";

/** What an {@linkcode RpcError} says besides its code and message. */
export interface RpcErrorOptions {
  /** The command that was called. */
  command?: string | undefined;
  /** The correlation id of the call. */
  id?: string | undefined;
  /** Facts for programs, as a JSON value; they cross the wire. */
  details?: unknown;
  /** What led to this error. It stays in this process. */
  cause?: unknown;
  /** How far the call got. Not set on an error that is not about a call. */
  stage?: RpcStage | undefined;
}

/**
 * The error of every failed call, and the one a command throws to choose the
 * code its caller sees. Any other error thrown by a command arrives as
 * `unknown`, with the remote error's name and message in `cause`.
 *
 * @example Tell failures apart
 * ```ts
 * import { call, RpcError } from "@kafka-rpc/deno";
 *
 * export async function price(sku: string): Promise<number | undefined> {
 *   try {
 *     return await call("price", sku) as number;
 *   } catch (error) {
 *     if (error instanceof RpcError && error.code === "not_found") return undefined;
 *     throw error;
 *   }
 * }
 * ```
 */
export class RpcError extends Error {
  /** Always `RpcError`: errors of sandboxes and other realms are recognized by it. */
  override readonly name = "RpcError";
  /** Why it failed, for programs. */
  readonly code: RpcCode;
  /** The command that was called, where the error is about one. */
  declare readonly command: string | undefined;
  /** The correlation id of the call, where the error is about one. */
  declare readonly id: string | undefined;
  /** Facts for programs, as the command or server sent them. */
  declare readonly details: unknown;
  /** How far the call got, where the error is about one. */
  declare readonly stage: RpcStage | undefined;
  /** Where the time of the call went, where it asked for a receipt. It stays in this process. */
  declare readonly receipt: Receipt | undefined;

  /**
   * Creates an error.
   *
   * @param code Why it failed, for programs.
   * @param message Why it failed, for people: "Cannot X: reason. What to do."
   * @param options What else is known.
   */
  constructor(code: RpcCode, message: string, options: RpcErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    // Only what is known: a terminal shows each property, also those that are undefined.
    const { command, id, details, stage } = options;
    if (command !== undefined) this.command = command;
    if (id !== undefined) this.id = id;
    if (details !== undefined) this.details = details;
    if (stage !== undefined) this.stage = stage;
  }

  /** What `JSON.stringify` writes: all but what is for this process: stack, cause and receipt. */
  toJSON(): Record<string, unknown> {
    const { code, message, command, id, stage, details } = this;
    return { code, message, command, id, stage, details };
  }
}

/**
 * Says whether a text is one of the {@linkcode RPC_CODES}.
 *
 * @param text Any text, for example a header of a reply.
 * @returns Whether it is a code.
 */
export function isRpcCode(text: unknown): text is RpcCode {
  return (RPC_CODES as readonly unknown[]).includes(text);
}
