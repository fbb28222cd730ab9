// What the caller of a command hears that did not begin.
import { RpcError } from "../wire/errors.ts";

export function tooBusy(command: string, queueMs: number): RpcError {
  return new RpcError(
    "resource_exhausted",
    `Cannot run "${command}": this server is too busy to start it before its deadline ` +
      `or within the ${queueMs} ms of \`limits.queueMs\`. Try again later, or ` +
      "add servers and partitions.",
  );
}

export function tooLate(command: string): RpcError {
  const text = `Cannot run "${command}": its deadline passed while it waited for its turn. Call ` +
    "again with a longer `timeoutMs`.";
  return new RpcError("deadline_exceeded", text);
}

/** Nobody hears it: the other server answers. */
export function handedOver(command: string): RpcError {
  const text = `Cannot run "${command}": its partition goes to another server.`;
  return new RpcError("unavailable", text);
}
