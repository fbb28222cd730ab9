// Why the commands of a sandbox, or its codecs, could not be loaded.
import { printable } from "../logging/printable.ts";
import { RpcError } from "../wire/errors.ts";
import type { Failure } from "../wire/outcome.ts";
import type { LoadedPart } from "./inside/messages.ts";

/** Its texts come from the module, and may be printed on the terminal that starts the server. */
export function bootError(failure: Failure, part: LoadedPart = "commands"): RpcError {
  const text = failure.message.replace(/\n\s+at blob:\S+$/, "").replace(/\.$/, "");
  const [name, message] = [printable(failure.name), printable(text)];
  const cause = new Error(message);
  cause.name = name;
  if (failure.stack !== undefined) cause.stack = printable(failure.stack);
  return new RpcError(
    "failed_precondition",
    `Cannot load the ${part}: ${name}: ${message}${placeIn(message, cause.stack)}. Correct the ` +
      "module, and start the server again.",
    { cause },
  );
}

/** Where an error comes from: the first place in its stack that is in a file of the module. */
function placeIn(message: string, stack = ""): string {
  const pattern = /\b(?:file|https?|data):[^\s()]+:\d+:\d+/;
  const [place] = pattern.test(message) ? [] : pattern.exec(stack) ?? [];
  return place === undefined ? "" : `, at ${place}`;
}
