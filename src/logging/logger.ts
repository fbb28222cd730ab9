// Where log lines go.
import { oneOf } from "../options/check.ts";
import { printable, printableLine, printableValue } from "./printable.ts";

/** Facts beside a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Takes log lines. `console` is one; so are pino, winston and @std/log with a
 * thin wrapper.
 */
export interface Logger {
  /** What only a developer of this package or of a server wants to see. */
  debug(message: string, fields?: LogFields): void;
  /** What an operator wants to see on a quiet day. */
  info(message: string, fields?: LogFields): void;
  /** What an operator must see, though work continues. */
  warn(message: string, fields?: LogFields): void;
  /** What an operator must act on. */
  error(message: string, fields?: LogFields): void;
}

/** A level of log lines, as loud as it sounds. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Every level, lowest first. */
export const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const checkLevel = oneOf(LEVELS);

/**
 * Creates a logger that writes one line a message to standard error: time, level, message, and the
 * fields as JSON, without control characters for a terminal. The write is
 * synchronous: a pipe that is full, and whose reader neither reads nor closes it, blocks the program.
 *
 * @param level Lowest level that is written. Default: `info`.
 * @returns The logger.
 * @throws {RpcError} `invalid_argument` for another level.
 * @example
 * ```ts
 * import { serve, stderrLogger } from "@kafka-rpc/deno";
 *
 * export const start = () => serve({ commands: { ping: () => "pong" }, logger: stderrLogger("debug") });
 * ```
 */
export function stderrLogger(level: LogLevel = "info"): Logger {
  checkLevel(level, "level");
  const encoder = new TextEncoder();
  const write = (name: LogLevel): Logger[LogLevel] => {
    if (LEVELS.indexOf(name) < LEVELS.indexOf(level)) return drop;
    return (message, fields) => {
      const rest = fields === undefined ? "" : ` ${JSON.stringify(fields, plain)}`;
      const line = printableLine(`${new Date().toISOString()} ${name.padEnd(5)} ${message}${rest}`);
      try {
        Deno.stderr.writeSync(encoder.encode(`${line}\n`));
      } catch {
        return; // Its reader is gone: no line of a log is worth a server.
      }
    };
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

/**
 * Wraps a logger so that it never throws, because the work that is logged must go on, and so that
 * it gets no text that a terminal obeys: commands, callers and brokers choose parts of the lines.
 * What it throws is written to standard error.
 */
export function safeLogger(logger: Logger): Logger {
  const fallback = stderrLogger("error");
  const wrap = (level: LogLevel): Logger[LogLevel] => {
    // There is a line a call: what is not written is not made printable.
    if (logger[level] === drop) return drop;
    return (message, fields) => {
      try {
        logger[level](printable(message), printableValue(fields) as LogFields | undefined);
      } catch (error) {
        fallback.error("the logger failed", { error, message });
      }
    };
  };
  return { debug: wrap("debug"), info: wrap("info"), warn: wrap("warn"), error: wrap("error") };
}

function drop(): void {}

/** A logger that drops everything. */
export const silentLogger: Logger = { debug: drop, info: drop, warn: drop, error: drop };

/** JSON has no BigInt and shows an Error as {}. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return value;
}
