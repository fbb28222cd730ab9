/**
 * A process of the fault tests that says on its standard output what happens.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { launcherFlags, LineProcess } from "../../tools/line_process.ts";
import { Arrivals } from "../arrivals.ts";
import type { HostNames } from "./host_names.ts";
import type { SteppedClock } from "./stepped_clock.ts";

/** What a process says: one JSON line each. */
export interface ChildEvent {
  /** What happened. */
  readonly event: string;
  /** Facts beside it. */
  readonly [name: string]: unknown;
}

/** Options of a {@linkcode Child}. */
export interface ChildOptions {
  /** Its wall clock. Default: the machine's. */
  readonly clock?: SteppedClock | undefined;
  /** Names that it knows besides. Default: none. */
  readonly hosts?: HostNames | undefined;
  /** Folder of another revision of this project, whose program it is. Default: this one's. */
  readonly project?: string | undefined;
}

/** A process that can be killed, and suspended. */
export class Child implements AsyncDisposable {
  /** What it has said so far. */
  readonly events: Arrivals<ChildEvent> = new Arrivals<ChildEvent>();
  /** Settles when it has ended and everything it said was read. */
  readonly ended: Promise<void>;
  readonly #process: LineProcess;

  /**
   * Starts a process.
   *
   * @param fixture Name of its file in fixtures/.
   * @param setup What it is given.
   * @param options Its clock, names and revision.
   */
  constructor(fixture: string, setup: unknown, options: ChildOptions = {}) {
    const { project } = options;
    const root = project === undefined
      ? new URL("../../", import.meta.url)
      : pathToFileURL(`${project}/`);
    // The lock file of another revision names other stand-ins for modules that are out of reach.
    const flags = (project === undefined ? launcherFlags() : undefined) ?? ["--no-lock"];
    const clock = options.clock?.child;
    const file = new URL(`tests/faults/fixtures/${fixture}`, root);
    const [command, ...before] = options.hosts?.command([Deno.execPath()]) ?? [];
    this.#process = new LineProcess({
      command,
      args: [
        ...before,
        "run",
        "--quiet",
        "--no-check",
        "--v8-flags=--expose-gc",
        ...flags,
        ...clock?.args ?? [],
        "--allow-all",
        file.href,
        JSON.stringify(setup),
      ],
      cwd: root,
      env: clock?.env,
    });
    this.ended = this.#follow();
  }

  /** Its process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Waits for the first event of this name. */
  async said(name: string): Promise<ChildEvent> {
    const found = (events: readonly ChildEvent[]) => events.find(({ event }) => event === name);
    const ended = this.ended.then(() => {
      if (found(this.events.items) === undefined) {
        throw new Error(`A process ended before "${name}".`);
      }
    });
    const until = this.events.until((events) => found(events) !== undefined, `"${name}"`);
    await Promise.race([until, ended]);
    return found(this.events.items)!;
  }

  /** SIGSTOP: it keeps its connections and does nothing. */
  suspend(): void {
    this.#process.kill("SIGSTOP");
  }

  /** SIGCONT: it goes on as if no time had passed. */
  resume(): void {
    this.#process.kill("SIGCONT");
  }

  /** SIGKILL; resolves when it has ended. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  /** Asks it to end in order (SIGTERM), and waits. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    this.resume();
    await this.ended;
  }

  /** The same as `stop`, with an end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 15_000);
    await this.stop();
    clearTimeout(timer);
  }

  async #follow(): Promise<void> {
    for await (const line of this.#process.lines) this.events.push(JSON.parse(line));
    await this.#process.status;
    // Closed late: the end of its input would be an order to end.
    await this.#process.endInput();
  }
}
