// How the program ends: the exit code says what a script needs to know.
import { RpcError } from "../wire/errors.ts";
import { UsageError } from "./usage_error.ts";

/** Exit codes; docs/cli.md has them in words. */
export const EXIT = {
  ok: 0,
  /** The call failed, a check found something wrong, or nothing was found. */
  failed: 1,
  /** The command line, the environment or a profile is wrong; nothing was done. */
  usage: 2,
  /** No broker answers, or no server listens. */
  unreachable: 3,
  /** The cluster refuses the credentials, or a right is missing. */
  refused: 4,
  /** By Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;

/** The exit code of what a command threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof RpcError)) return EXIT.failed;
  // What a server answered with is the outcome of a call, whatever it says.
  if (error.stage === "remote") return EXIT.failed;
  switch (error.code) {
    case "invalid_argument":
      return EXIT.usage;
    case "unavailable":
      return EXIT.unreachable;
    case "unauthenticated":
    case "permission_denied":
      return EXIT.refused;
    default:
      return EXIT.failed;
  }
}
