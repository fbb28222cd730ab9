// What the log says of sandboxes that end, and of the calls that this costs.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { LogFields, Logger } from "../logging/logger.ts";
import { RpcError } from "../wire/errors.ts";
import { commonOf } from "./attribution.ts";
import type { JobContext } from "./executor.ts";
import type { Overdue, Sandbox } from "./sandbox.ts";

/** Minimum interval between lines about sandboxes that one command ended. */
const WARN_INTERVAL_MS = 1_000;

const ENDED = "a sandbox ended, it is replaced";

/**
 * One line a command at a time: commands that end their sandboxes must not flood the log. `calls`
 * are the calls that were answered with `aborted` for it.
 */
export class SandboxEnds {
  readonly #logger: Logger;
  readonly #throttles = new Map<string, LogThrottle>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A sandbox ended by itself. `latest`: its latest job. */
  ended({ end, load }: Sandbox, latest: JobContext | undefined): void {
    const { interrupted } = load;
    if (interrupted.length === 0) {
      this.#log("an idle sandbox ended, it is replaced", commonOf(latest ? [latest] : []), end);
    } else {
      const lost = interrupted.length > 1 ? { calls: interrupted.length } : {};
      this.#log(ENDED, commonOf(interrupted), { ...end, ...lost });
    }
  }

  /** What reports that a sandbox was ended for commands in it, and with it so many other calls. */
  overdue(overdue: readonly Overdue[], others: number): () => void {
    const about = commonOf(overdue.map(({ context }) => context));
    return () => this.#log(ENDED, about, { ...overrun(overdue), ...lostCalls(others) });
  }

  /** What reports a sandbox that computes for no call. */
  stuck(latest: JobContext | undefined): () => void {
    const about = commonOf(latest ? [latest] : []);
    return () =>
      this.#log("an idle sandbox computes without end, it is replaced", about, { reason: "time" });
  }

  /** A sandbox ends when its other calls do. */
  retired(overdue: readonly Overdue[], others: number): void {
    const about = commonOf(overdue.map(({ context }) => context));
    this.#log("a command did not stop, its sandbox ends with the other calls in it", about, {
      ...overrun(overdue),
      others,
    });
  }

  close(): void {
    for (const throttle of this.#throttles.values()) throttle.close();
  }

  #log(message: string, about: { command?: string; id?: string }, why: LogFields = {}): void {
    const key = `${message} ${about.command}`;
    const throttle = this.#throttles.get(key) ??
      new LogThrottle(this.#logger, { intervalMs: WARN_INTERVAL_MS });
    this.#throttles.set(key, throttle);
    throttle.log(message, { ...about, ...why });
  }
}

function lostCalls(count: number): LogFields {
  return count > 0 ? { calls: count } : {};
}

/** Why a sandbox was ended whose command did not settle after its signal aborted. */
function overrun(overdue: readonly Overdue[]): LogFields {
  const { reason, ms } = overdue[0]!;
  const code = reason instanceof RpcError ? reason.code : "canceled";
  return { reason: code === "deadline_exceeded" ? "time" : code, ms: Math.round(ms) };
}
