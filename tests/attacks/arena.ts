/**
 * Where attacks run: a real pool of children, a neighbour that must be answered
 * meanwhile, and a next command that must find nothing.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import type { SandboxPermissions } from "../../src/executor/permissions.ts";
import { Expressions } from "../../src/executor/expressions.ts";
import type { Executor, Job } from "../../src/executor/executor.ts";
import { LineBudget } from "../../src/executor/output_lines.ts";
import { Pool } from "../../src/executor/pool.ts";
import { ProcessSandbox } from "../../src/executor/process_sandbox.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { WatchedExecutor } from "../executor/watched_executor.ts";
import { RecordingLogger } from "../recording_logger.ts";

/** How an {@linkcode Arena} is made. */
export interface ArenaOptions {
  /** URL of a commands module; `eval` where there is none. */
  readonly module?: URL;
  readonly permissions?: SandboxPermissions;
  readonly memoryMb?: number;
  readonly size?: number;
  readonly resultBytes?: number;
  /** Whether expressions are evaluated in realms where that is possible. */
  readonly realms?: boolean;
  /** Most calls of a module that a child has in flight. */
  readonly callsPerSandbox?: number;
}

/** One attack: what is sent, and what its caller must get. */
export interface Attack {
  /** A sentence that says what holds. */
  readonly name: string;
  /** The expression. */
  readonly code: string;
  /** What its caller gets: `ok: JSON`, or `code: text`. */
  readonly gets: RegExp;
  /** Deadline of the attack in milliseconds: the event that ends what never settles. */
  readonly timeoutMs?: number;
  /** An expression for the next child, and what it must give. */
  readonly next?: readonly [code: string, gets: string];
}

/** Long enough for a child that must be started on a busy machine. */
const NEIGHBOUR_MS = 60_000;
const NEIGHBOUR = "40 + 2";

interface RunOptions {
  readonly command?: string;
  readonly timeoutMs?: number;
  /** The deadline passes when this has happened, however long that takes. */
  readonly overdueAfter?: Promise<unknown>;
}

export class Arena implements AsyncDisposable {
  /** Whether a command has shown that the last attack left nothing behind. */
  #isFollowed = true;
  /** Every line of the log. */
  readonly log: RecordingLogger;
  readonly #codec = codecsWith();
  readonly #executor: Executor;
  /** Behind the executor, or the same. */
  readonly #processes: WatchedExecutor;

  private constructor(executor: Executor, processes: WatchedExecutor, log: RecordingLogger) {
    this.#executor = executor;
    this.#processes = processes;
    this.log = log;
  }

  /** What commands printed. */
  get output(): string[] {
    return this.log.lines.items.flatMap(({ fields: { line } }) => {
      return typeof line === "string" ? [line] : [];
    });
  }

  static async open(options: ArenaOptions = {}): Promise<Arena> {
    const { module, permissions = {}, memoryMb = 96, size = 3, resultBytes = 100_000 } = options;
    const logger = new RecordingLogger();
    const lines = new LineBudget();
    const command = await childCommand({ module, permissions, memoryMb });
    const startPool = (realms: boolean, size: number) => {
      const boot = { module: module?.href, resultBytes, realms };
      return Pool.start({
        start: (signal) => ProcessSandbox.start({ command, boot, memoryMb, logger, lines, signal }),
        size,
        runsPerSandbox: module === undefined && !realms ? 1 : Infinity,
        callsPerSandbox: options.callsPerSandbox,
        logger,
      });
    };
    const processes = new WatchedExecutor(await startPool(false, size));
    if (!options.realms) return new Arena(processes, processes, logger);
    // These live on: one for the attack, one for its neighbour.
    const realms = await startPool(true, Math.min(size, 2));
    return new Arena(new Expressions(realms, processes), processes, logger);
  }

  /** Resolves when commands have printed a line so many times. */
  async printed(line: string, times = 1): Promise<void> {
    const count = () => this.output.filter((printed) => printed === line).length;
    await this.log.lines.until(() => count() >= times, `the line "${line}" of a command`);
  }

  /** Runs a command; gives `ok: JSON` or `code: text`. */
  run(input: unknown, options: RunOptions = {}): Promise<string> {
    return this.#run(this.#executor, this.#job(input, options), options.overdueAfter);
  }

  #job(input: unknown, { command = "eval", timeoutMs = NEIGHBOUR_MS }: RunOptions = {}): Job {
    const deadline = Date.now() + timeoutMs;
    const context = { id: "an-id", command, deadline, attempt: 1, metadata: {} };
    return { input: this.#codec.encode(input), context, resultAs: "value" as const };
  }

  async #run(executor: Executor, job: Job, overdueAfter?: Promise<unknown>): Promise<string> {
    const controller = new AbortController();
    const overdue = new RpcError("deadline_exceeded", "Cannot finish: the deadline passed.");
    void overdueAfter?.then(() => controller.abort(overdue));
    const timer = setTimeout(() => controller.abort(overdue), job.context.deadline - Date.now());
    const outcome = await executor.run(job, controller.signal);
    clearTimeout(timer);
    if (!outcome.ok) return `${outcome.failure.code}: ${outcome.failure.message}`;
    return `ok: ${JSON.stringify(this.#codec.decode(outcome.output))}`;
  }

  /**
   * Runs an attack in each kind of sandbox that takes it, beside a neighbour in another one of that
   * kind, then the next command. Where the attack names none, that is the neighbour of the attack
   * that follows: each command takes a child of its own.
   */
  async attack({ code, gets, timeoutMs, next }: Attack): Promise<void> {
    const bounds = timeoutMs === undefined ? {} : { timeoutMs };
    /** Gives whether it ran in a child of its own. */
    const attack = async (executor: Executor): Promise<boolean> => {
      const job = this.#job(code, bounds);
      const neighbours: Promise<string>[] = [];
      const isChild = executor === this.#processes;
      let ranInChild = false;
      this.#processes.onRun = (one) => {
        if (one !== job) return;
        ranInChild = true;
        neighbours.push(this.#run(this.#processes, this.#job(NEIGHBOUR)));
      };
      const attacking = this.#run(executor, job);
      if (!isChild) neighbours.push(this.run(NEIGHBOUR));
      const got = await attacking;
      const beside = await Promise.all(neighbours);
      assertMatch(got, gets);
      const what = "the neighbours of the attack, or the commands after the last";
      assertEquals(beside, beside.map(() => "ok: 42"), what);
      return ranInChild;
    };
    if (!await attack(this.#executor)) await attack(this.#processes);
    this.#isFollowed = next !== undefined;
    if (next) assertEquals(await this.run(next[0]), next[1], "the command after the attack");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#isFollowed) return;
      for (const executor of new Set([this.#executor, this.#processes])) {
        const got = await this.#run(executor, this.#job("6 * 7"));
        assertEquals(got, "ok: 42", "the command after the last attack");
      }
    } finally {
      await this.#executor.close();
    }
  }
}

/** Registers tests whose steps are attacks on one arena: expressions attack realms, too. */
export function attacks(title: string, list: readonly Attack[], options: ArenaOptions = {}): void {
  Deno.test(title, async (t) => {
    await using arena = await Arena.open({ ...options, realms: options.module === undefined });
    for (const attack of list) {
      // Children are replaced across steps: only the whole test must leave nothing.
      await t.step({
        name: attack.name,
        fn: () => arena.attack(attack),
        sanitizeOps: false,
        sanitizeResources: false,
      });
    }
  });
}
