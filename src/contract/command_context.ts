// What a command knows of its call.
import type { TraceContext } from "../wire/request.ts";

/** What a command knows of the call, besides its input. */
export interface CommandContext {
  /** Correlation id of the call, the same on every attempt. */
  readonly id: string;
  /** Name of the command. */
  readonly command: string;
  /** Aborts at the deadline, on cancellation, and when the server stops. */
  readonly signal: AbortSignal;
  /** Unix milliseconds after which the result is not awaited any more. */
  readonly deadline: number;
  /**
   * How often the caller has sent the request; above 1 an earlier attempt may have run. 1 does not
   * say that none did: after the crash of a server Kafka hands its requests out again.
   */
  readonly attempt: number;
  /** Headers that the caller added. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Who signed the request; undefined where the server has no `verify`. */
  readonly principal?: string | undefined;
  /** W3C trace context of the call. */
  readonly trace?: TraceContext | undefined;
  /**
   * Sets a header of the reply, which the caller finds in the receipt of its call; also where the
   * command fails. All of them may have 16 384 bytes.
   *
   * @param name 1 to 200 printable ASCII characters; not `rpc-…` or another name of the protocol.
   * @param value Text.
   * @throws {TypeError} For what can't be sent, and once the command has ended.
   */
  setReplyMetadata(name: string, value: string): void;
}
