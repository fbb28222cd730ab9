// Starts the sandboxes of a pool, with back-off while they fail.
import { backoff, delay } from "../async/delay.ts";
import type { Logger } from "../logging/logger.ts";
import type { Sandbox } from "./sandbox.ts";

export interface SandboxStartsOptions {
  readonly start: (signal: AbortSignal) => Promise<Sandbox>;
  readonly logger: Logger;
  /** Takes a sandbox that has started. */
  readonly started: (sandbox: Sandbox) => void;
  /** Hears of a start that failed; it is tried again. */
  readonly failed: () => void;
  /** Aborts when the pool is closed. */
  readonly closing: AbortSignal;
}

export class SandboxStarts {
  readonly #options: SandboxStartsOptions;
  readonly #starts = new Set<Promise<void>>();
  #delay = backoff({ firstMs: 100, maxMs: 5_000 });
  #failing = false;
  #lastFailed = false;

  constructor(options: SandboxStartsOptions) {
    this.#options = options;
  }

  /** Sandboxes that are starting. */
  get count(): number {
    return this.#starts.size;
  }

  /** Whether the latest start failed. */
  get lastFailed(): boolean {
    return this.#lastFailed;
  }

  /** Starts one; `after` is called when it has started or the pool is closed. */
  begin(after: () => void): void {
    const start = this.#startOne().finally(() => {
      this.#starts.delete(start);
      after();
    });
    this.#starts.add(start);
  }

  /** A sandbox ended by itself, idle: perhaps the next one does so too. */
  suspect(): void {
    this.#failing = true;
  }

  /** A sandbox has answered. */
  recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#delay = backoff({ firstMs: 100, maxMs: 5_000 });
  }

  /** Resolves when none is starting any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#starts);
  }

  async #startOne(): Promise<void> {
    const { start, logger, started, failed, closing } = this.#options;
    while (!closing.aborted) {
      if (this.#failing) await delay(this.#delay(), { signal: closing });
      if (closing.aborted) return;
      try {
        const sandbox = await start(closing);
        if (closing.aborted) return await sandbox.close();
        this.#lastFailed = false;
        return started(sandbox);
      } catch (error) {
        if (closing.aborted) return;
        this.#failing = true;
        this.#lastFailed = true;
        failed();
        logger.error("a sandbox cannot start, it is tried again", { error });
      }
    }
  }
}
