/**
 * A process of the fault tests that says on its standard output what happens.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { TextLineStream } from "../../tools/lines.ts";
import { Arrivals } from "../arrivals.ts";
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
  /** Folder of another revision of this project, whose program it is. Default: this one's. */
  readonly project?: string | undefined;
}

/** A process that can be killed, and suspended. */
export class Child implements AsyncDisposable {
  /** What it has said so far. */
  readonly events: Arrivals<ChildEvent> = new Arrivals<ChildEvent>();
  /** Settles when it has ended and everything it said was read. */
  readonly ended: Promise<void>;
  readonly #child: Deno.ChildProcess;

  /**
   * Starts a process.
   *
   * @param fixture Name of its file in fixtures/.
   * @param setup What it is given.
   * @param options Its clock, where that is not the machine's.
   */
  constructor(fixture: string, setup: unknown, options: ChildOptions = {}) {
    const { project } = options;
    const root = project === undefined
      ? new URL("../../", import.meta.url)
      : pathToFileURL(`${project}/`);
    // The lock file of another revision names other stand-ins for modules that are out of reach.
    const given = project === undefined ? Deno.env.get("KAFKA_RPC_DENO_FLAGS") : undefined;
    const flags = given?.split(" ").filter(Boolean) ?? ["--no-lock"];
    const clock = options.clock?.child;
    const file = new URL(`tests/faults/fixtures/${fixture}`, root);
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
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
      env: clock?.env ?? {},
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.ended = this.#follow();
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
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
    this.#signal("SIGSTOP");
  }

  /** SIGCONT: it goes on as if no time had passed. */
  resume(): void {
    this.#signal("SIGCONT");
  }

  /** SIGKILL; resolves when it has ended. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.ended;
  }

  /** Asks it to end in order (SIGTERM), and waits. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    this.resume();
    await this.ended;
  }

  /** The same as `stop`, with an end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#signal("SIGKILL"), 15_000);
    await this.stop();
    clearTimeout(timer);
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // Deno's way to say that it has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async #follow(): Promise<void> {
    const lines = this.#child.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) this.events.push(JSON.parse(line));
    await this.#child.status;
    // Closed late: the end of its input would be an order to end.
    await this.#child.stdin.close().catch(() => {});
  }
}
