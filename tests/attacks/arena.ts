/**
 * Where attacks run: a real pool of children, a neighbour that must be answered
 * meanwhile, and a next command that must find nothing.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import type { SandboxPermissions } from "../../src/executor/permissions.ts";
import { Expressions } from "../../src/executor/expressions.ts";
import type { Executor } from "../../src/executor/executor.ts";
import { LineBudget } from "../../src/executor/output_lines.ts";
import { Pool } from "../../src/executor/pool.ts";
import { ProcessSandbox } from "../../src/executor/process_sandbox.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { RpcError } from "../../src/wire/errors.ts";
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
const NEIGHBOUR_MS = 20_000;

export class Arena implements AsyncDisposable {
  /** Whether a command has shown that the last attack left nothing behind. */
  #isFollowed = true;
  /** Every line of the log. */
  readonly log: RecordingLogger;
  readonly #codec = codecsWith();
  readonly #pool: Executor;

  private constructor(pool: Executor, log: RecordingLogger) {
    this.#pool = pool;
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
    const startPool = (realms: boolean) => {
      const boot = { module: module?.href, resultBytes, realms };
      return Pool.start({
        start: (signal) => ProcessSandbox.start({ command, boot, memoryMb, logger, lines, signal }),
        size,
        runsPerSandbox: module === undefined && !realms ? 1 : Infinity,
        logger,
      });
    };
    const processes = await startPool(false);
    const pool = options.realms ? new Expressions(await startPool(true), processes) : processes;
    return new Arena(pool, logger);
  }

  /** Runs a command; gives `ok: JSON` or `code: text`. */
  async run(input: unknown, options: { command?: string; timeoutMs?: number } = {}) {
    const { command = "eval", timeoutMs = NEIGHBOUR_MS } = options;
    const controller = new AbortController();
    const overdue = new RpcError("deadline_exceeded", "Cannot finish: the deadline passed.");
    const timer = setTimeout(() => controller.abort(overdue), timeoutMs);
    const context = {
      id: "an-id",
      command,
      deadline: Date.now() + timeoutMs,
      attempt: 1,
      metadata: {},
    };
    const job = { input: this.#codec.encode(input), context, resultAs: "value" as const };
    const outcome = await this.#pool.run(job, controller.signal);
    clearTimeout(timer);
    if (!outcome.ok) return `${outcome.failure.code}: ${outcome.failure.message}`;
    return `ok: ${JSON.stringify(this.#codec.decode(outcome.output))}`;
  }

  /**
   * Runs an attack beside a neighbour, then the next command. Where the attack names none, that is
   * the neighbour of the attack that follows: each command takes a child of its own.
   */
  async attack({ code, gets, timeoutMs, next }: Attack): Promise<void> {
    const attacking = this.run(code, timeoutMs === undefined ? {} : { timeoutMs });
    const neighbour = await this.run("40 + 2");
    const got = await attacking;
    assertMatch(got, gets);
    assertEquals(neighbour, "ok: 42", "the neighbour of the attack, or the command after the last");
    this.#isFollowed = next !== undefined;
    if (next) assertEquals(await this.run(next[0]), next[1], "the command after the attack");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#isFollowed) {
        assertEquals(await this.run("6 * 7"), "ok: 42", "the command after the last attack");
      }
    } finally {
      await this.#pool.close();
    }
  }
}

/**
 * Registers tests whose steps are attacks on one arena: expressions attack each isolation of
 * `evaluate`.
 */
export function attacks(title: string, list: readonly Attack[], options: ArenaOptions = {}): void {
  const tiers = options.module === undefined ? [false, true] : [false];
  for (const realms of tiers) {
    Deno.test(realms ? `${title}, with realms` : title, async (t) => {
      await using arena = await Arena.open({ ...options, realms });
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
}
