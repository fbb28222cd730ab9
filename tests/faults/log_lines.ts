/**
 * What the logs of a row say: an operator must find the cause there, in a line or two.
 *
 * @module
 */
import type { LogFields } from "@kafka-rpc/deno";
import type { Row, Scene } from "./row.ts";

/**
 * Lines of one text that a side may write in a row: for each interruption one at once, and one with
 * the count of those that it stands for. A broker that comes back may interrupt once more.
 */
const MOST_LINES = 4;

/** A line at `warn` or above. */
interface SeenLine {
  /** Its text without the fields. */
  readonly message: string;
  /** All of it. */
  readonly text: string;
}

/** A line with its fields, and the causes of errors among them. */
export function lineText(message: string, fields: LogFields): string {
  return `${message} ${JSON.stringify(fields, plain)}`;
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}

/** Lines of the client, and those of all servers. */
function linesBySide(scene: Scene): Record<"client" | "server", SeenLine[]> {
  const client = scene.clientLog.lines.items
    .filter(({ level }) => level === "warn" || level === "error")
    .map(({ message, fields }) => ({ message, text: lineText(message, fields) }));
  const server = scene.servers.flatMap(({ events }) => events.items)
    .filter(({ event }) => event === "log")
    .map(({ message, text }) => ({ message: String(message), text: String(text) }));
  return { client, server };
}

/** What is wrong with the logs of a row that says what they must name. */
export function logFaults({ logs = {} }: Row, scene: Scene): string[] {
  const lines = linesBySide(scene);
  const faults: string[] = [];
  for (const [side, cause] of Object.entries(logs) as ["client" | "server", RegExp][]) {
    const named = lines[side].filter(({ text }) => cause.test(text));
    const texts = lines[side].map(({ text }) => text).join(" / ") || "nothing";
    if (named.length === 0) faults.push(`the log of the ${side} does not name the cause: ${texts}`);
    const byMessage = Map.groupBy(named, ({ message }) => message);
    const most = Math.max(0, ...[...byMessage.values()].map(({ length }) => length));
    if (most > MOST_LINES * (side === "server" ? scene.servers.length : 1)) {
      faults.push(`the log of the ${side} has ${most} lines of one kind`);
    }
    const [first] = named;
    scene.notes.push(`${side} log: ${named.length} × ${first?.message ?? "nothing"}`);
  }
  return faults;
}
