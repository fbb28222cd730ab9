import { suggest } from "../../options/suggest.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import type { IncomingCall } from "../incoming_call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import { EVAL_COMMAND, quote } from "../../wire/headers.ts";
import type { Outcome } from "../../wire/outcome.ts";

/** Refuses a command that is not there, with the names that may have been meant. */
export function missingCommand(known: readonly string[]): Interceptor<IncomingCall> {
  const names = new Set(known);
  return (next) => (call) =>
    names.has(call.command) ? next(call) : Promise.resolve(explain(call.command, known));
}

function explain(command: string, known: readonly string[]): Outcome {
  if (command === EVAL_COMMAND) {
    return failedOutcome(
      "not_found",
      "Cannot evaluate: this server does not. Start it with `evaluate: true` if it should.",
    );
  }
  const near = suggest(command, known);
  const hint = near.length > 0
    ? ` Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`
    : ` This server offers: ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", …" : ""}.`;
  return failedOutcome(
    "not_found",
    `Cannot run ${quote(command)}: there is no such command.${hint}`,
    { suggestions: near },
  );
}
