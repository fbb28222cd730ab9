// Errors of streams that no server sent.
import { RpcError } from "../../wire/errors.ts";
import type { Credit } from "../../wire/stream.ts";
import type { About } from "../call_errors.ts";

/** No value came in time. */
export function idle({ command, id }: About, timeoutMs: number): RpcError {
  const text = `Cannot wait longer for the next value of "${command}": none came within ` +
    `${timeoutMs} ms. Raise \`timeoutMs\` if it may be silent for so long, or let it yield ` +
    "something meanwhile.";
  return new RpcError("deadline_exceeded", text, { command, id, stage: "wait" });
}

/** The stream takes longer than it may. */
export function tooLong({ command, id }: About, totalMs: number): RpcError {
  const text = `Cannot go on with "${command}": it took longer than the ${totalMs} ms of ` +
    "`totalTimeoutMs`. Raise it, or leave it out.";
  return new RpcError("deadline_exceeded", text, { command, id, stage: "wait" });
}

/** The server of the stream says nothing any more. */
export function serverGone({ command, id }: About, silentMs: number, delivered: number): RpcError {
  const text = `Cannot go on with "${command}": its server has not said for ${silentMs} ms that ` +
    `it goes on. It gave ${delivered} values. Begin a new stream where that does no harm.`;
  return new RpcError("aborted", text, { command, id, stage: "wait", details: { delivered } });
}

/** The server sent more than it may. */
export function overCredit({ command, id }: About, seq: number, granted: Credit): RpcError {
  const text = `Cannot go on with "${command}": its server sent the value ${seq}, and may send ` +
    `none beyond ${granted.seq}, nor one behind ${granted.bytes} bytes of values.`;
  return new RpcError("data_loss", text, { command, id, stage: "remote" });
}

/** Nothing can tell the server how much it may send. */
export function noControl({ command, id }: About): RpcError {
  const text = `Cannot stream "${command}": \`cancellation\` is false, and its topic is where a ` +
    "stream says how much it takes. Connect with `cancellation: true`.";
  return new RpcError("failed_precondition", text, { command, id, stage: "request" });
}

/** A failure of a server; where it was ended before its time, with how far it had got. */
export function withDelivered(failure: RpcError, delivered: number): RpcError {
  if (failure.code !== "aborted" || failure.details !== undefined) return failure;
  const { code, message, command, id, stage, cause } = failure;
  return new RpcError(code, message, { command, id, stage, cause, details: { delivered } });
}
