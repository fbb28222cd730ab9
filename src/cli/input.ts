// The input of a call: JSON on the command line, from a file, or from standard input.
import { readText } from "./read_text.ts";
import { UsageError } from "./usage_error.ts";

/** Gives the input; undefined where there is none. */
export async function readInput(operand: string | undefined): Promise<unknown> {
  if (operand === undefined) return undefined;
  if (operand === "-") {
    return parse(await new Response(Deno.stdin.readable).text(), "standard input");
  }
  if (operand.startsWith("@")) {
    return parse(readText(operand.slice(1), "the input"), operand.slice(1));
  }
  return parse(operand, "the input");
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, "");
    const advice = `Text needs quotes of its own: ${shell(JSON.stringify(text.slice(0, 40)))}.`;
    throw new UsageError(`Cannot read ${where} as JSON: ${reason}. ${advice}`);
  }
}

function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
