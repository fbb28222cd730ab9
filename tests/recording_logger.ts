/**
 * A logger that keeps its lines for a test to look at.
 *
 * @module
 */
import type { LogFields, Logger, LogLevel } from "../src/logging/logger.ts";
import { Arrivals } from "./arrivals.ts";

/** One line of a log. */
export interface LogLine {
  /** How loud it is. */
  readonly level: LogLevel;
  /** Its text. */
  readonly message: string;
  /** The facts beside it. */
  readonly fields: LogFields;
}

/** Keeps every line. */
export class RecordingLogger implements Logger {
  /** The lines, as they come. */
  readonly lines: Arrivals<LogLine> = new Arrivals<LogLine>();

  /** Texts of one level. */
  messages(level: LogLevel): string[] {
    return this.lines.items.filter((line) => line.level === level).map(({ message }) => message);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }
}
