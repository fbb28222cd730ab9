// Log lines that would flood the log.
import { clock, type Timer } from "../async/clock.ts";
import type { LogFields, Logger, LogLevel } from "./logger.ts";

export interface LogThrottleOptions {
  /** Minimum interval between two lines, in milliseconds. */
  readonly intervalMs: number;
  /** Level of its lines. Default: `warn`. */
  readonly level?: LogLevel | undefined;
}

interface Suppressed {
  readonly message: string;
  readonly fields: LogFields;
  /** Time of day: the line is written later than the event. */
  readonly at: number;
}

/**
 * Writes the first line at once, and one for the others when the interval is over or at close: the
 * latest of them, with the time of its event as `at`, and in `unreported` how many more there were.
 * So every event is counted in some line, also the last burst before a silence.
 */
export class LogThrottle implements Disposable {
  readonly #logger: Logger;
  readonly #intervalMs: number;
  readonly #level: LogLevel;
  #writtenAt = -Infinity;
  #latest: Suppressed | undefined;
  #suppressed = 0;
  #timer: Timer | undefined;
  #closed = false;

  /** Creates a throttle, for lines of one kind. */
  constructor(logger: Logger, options: LogThrottleOptions) {
    this.#logger = logger;
    this.#intervalMs = options.intervalMs;
    this.#level = options.level ?? "warn";
  }

  /** Writes a line, or counts it. */
  log(message: string, fields: LogFields = {}): void {
    // With a timer the interval lasts: a flood of events must not ask the time for each of them.
    if (this.#timer === undefined) {
      const left = this.#writtenAt + this.#intervalMs - clock.now();
      if (left <= 0 || this.#closed) return this.#write(message, fields, 0);
      // A count that is still to be written is no reason for a program to go on.
      this.#timer = clock.timer(left, () => this.#flush(), { background: true });
    }
    this.#latest = { message, fields, at: clock.wallTime() };
    this.#suppressed++;
  }

  /** Writes what is suppressed, and lets the next line pass whenever it comes. */
  reset(): void {
    this.#flush();
    this.#writtenAt = -Infinity;
  }

  /** Writes what is suppressed; a line after this is written at once. */
  close(): void {
    this.#closed = true;
    this.#flush();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #flush(): void {
    if (this.#latest === undefined) return;
    const { message, fields, at } = this.#latest;
    this.#write(message, { ...fields, at: new Date(at).toISOString() }, this.#suppressed - 1);
  }

  #write(message: string, fields: LogFields, unreported: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#latest = undefined;
    this.#suppressed = 0;
    this.#writtenAt = clock.now();
    this.#logger[this.#level](message, unreported === 0 ? fields : { ...fields, unreported });
  }
}
