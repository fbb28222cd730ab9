// The replies of every server to one call, as a caller sees them.
import type { TraceContext } from "../wire/request.ts";
import type { RpcError } from "../wire/errors.ts";

/** Options of one {@linkcode Client.callMany}. */
export interface CallManyOptions {
  /** Milliseconds after which it ends, 1 to 2 147 483 647. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /** Replies after which it ends, 1 to 2 147 483 647. Default: those of all servers. */
  readonly count?: number | undefined;
  /** Milliseconds without a further reply after which it ends, 1 to 2 147 483 647. Default: none. */
  readonly stallMs?: number | undefined;
  /** Ends it with the signal's reason when it aborts; the servers cancel it. */
  readonly signal?: AbortSignal | undefined;
  /** Headers for the command to see, as `context.metadata`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** W3C trace context, for the command. */
  readonly trace?: TraceContext | undefined;
}

/**
 * What one server answered: a value, or an error.
 *
 * @typeParam Result Of the command, as it arrives.
 */
export type ServerReply<Result = unknown> =
  | {
    /** Id of the server. */
    readonly server: string;
    /** The result of the command there. */
    readonly value: Result;
    readonly error?: undefined;
  }
  | {
    /** Id of the server. */
    readonly server: string;
    readonly value?: undefined;
    /** What the command failed with there. */
    readonly error: RpcError;
  };

/**
 * The replies of every server, as they come; `Client.callMany` gives it. The call is made when the
 * loop begins, once.
 *
 * @typeParam Result Of the command, as it arrives.
 */
export interface Gathering<Result = unknown> extends AsyncIterable<ServerReply<Result>> {
  /** Ids of the servers that have answered. */
  readonly answered: readonly string[];
  /**
   * Ids of the servers that were members of the group when the call was made, and have not answered.
   * Undefined before that, and where the members can't be found out.
   */
  readonly missing: readonly string[] | undefined;
}
