// Files that flags name.
import { UsageError } from "./usage_error.ts";

/** Reads a file; `what` names the flag, or what the file is for. */
export function readText(path: string, what: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, "");
    throw new UsageError(`Cannot use ${what}: ${reason}. Give the path of a file.`);
  }
}
