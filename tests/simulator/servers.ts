/**
 * The servers of a simulation: programs that can be killed and stopped.
 *
 * @module
 */
import { serve, type Server } from "@kafka-rpc/deno";
import type { CommandContext } from "@kafka-rpc/deno";
import { clock } from "../../src/async/clock.ts";
import { delay } from "../../src/async/delay.ts";
import { answerTo } from "../faults/work.ts";
import type { Input } from "./calls.ts";
import { SESSION_HARM_MS } from "./incidents.ts";
import type { Streams } from "./streams.ts";
import type { Program } from "./virtual_clock.ts";
import type { World } from "./world.ts";

/** One run of a command. */
export interface Execution {
  readonly call: string;
  readonly program: Program;
  readonly at: number;
  /** Milliseconds by which it was started too late; negative where it was in time. */
  readonly late: number;
}

/** Starts, kills and stops servers. */
export class Servers {
  readonly executions: Execution[] = [];
  /** Servers that may have left work half done, and when. */
  readonly interrupted: { readonly program: Program; readonly at: number }[] = [];
  /** When the commands topic got more partitions: a key then belongs to another one. */
  readonly sharedOutAnew: number[] = [];
  readonly #world: World;
  readonly #streams: Streams;
  readonly #running = new Map<Program, Promise<Server>>();
  readonly #killed = new Map<Program, () => void>();
  #started = 0;
  /** Whether one has served: before that nobody may expect an answer. */
  hasServed = false;
  /** When one ended that could not leave its group. */
  #absentAt = -Infinity;

  /**
   * Creates it, without a server.
   *
   * @param world Where.
   * @param streams What they serve besides calls.
   */
  constructor(world: World, streams: Streams) {
    this.#world = world;
    this.#streams = streams;
    world.onAbsent.add(() => void (this.#absentAt = clock.now()));
  }

  /** Starts one more; resolves when it serves, or is killed before that. */
  async start(): Promise<void> {
    const program = this.#world.begin(`server-${++this.#started}`);
    const starting = this.#world.clock.as(program, () =>
      serve({
        commands: {
          work: (input, context) => this.#work(program, input as Input, context),
          ticks: this.#streams.ticks as never,
        },
        topic: "commands",
        createTopics: { partitions: 4 },
        connectTimeoutMs: 30_000,
        transport: this.#world.transport(program),
        logger: this.#world.log(program),
        signal: new AbortController().signal,
        concurrency: 50,
      }));
    this.#running.set(program, starting);
    const killed = Promise.withResolvers<void>();
    this.#killed.set(program, killed.resolve);
    await Promise.race([starting.then(() => void (this.hasServed = true)), killed.promise]);
  }

  async #work(program: Program, input: Input, context: CommandContext): Promise<string> {
    const { call, text, holdMs } = input;
    const late = clock.wallTime() - context.deadline;
    this.executions.push({ call, program, at: clock.now(), late });
    await delay(holdMs);
    return `${call} ${answerTo(text)}`;
  }

  /** A coordinator that takes the group over gives all members a new session, the dead ones too. */
  get moveHarmMs(): number {
    const goneAt = Math.max(this.#absentAt, ...this.interrupted.map(({ at }) => at));
    return clock.now() - goneAt < SESSION_HARM_MS ? SESSION_HARM_MS : 0;
  }

  /** One of those that run; undefined where none does. */
  any(): Program | undefined {
    const programs = [...this.#running.keys()];
    return programs[Math.floor(clock.random() * programs.length)];
  }

  /** Ends one without a word. */
  kill(): void {
    const program = this.any();
    if (program === undefined) return;
    program.isDead = true;
    this.#killed.get(program)?.();
    this.#running.delete(program);
    this.interrupted.push({ program, at: clock.now() });
    this.#world.network.closeOf(program);
  }

  /** Keeps one from doing anything for a time. */
  stop(forMs: number): void {
    const program = this.any();
    if (program === undefined) return;
    program.stoppedUntil = clock.now() + forMs;
    this.interrupted.push({ program, at: clock.now() });
  }

  /** Closes some in order, and starts as many a while later. */
  async restart(count: number, awayMs: number): Promise<void> {
    const chosen = new Map<Program, Promise<Server>>();
    for (let left = count; left > 0; left--) {
      const program = this.any();
      if (program === undefined) break;
      chosen.set(program, this.#running.get(program)!);
      this.#running.delete(program);
    }
    await Promise.all([...chosen].map(async ([program, starting]) => {
      await this.#close(program, starting);
      await delay(awayMs);
      await this.start();
    }));
  }

  /** Closes those that run. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((one) => this.#close(...one)));
  }

  async #close(program: Program, starting: Promise<Server>): Promise<void> {
    const server = await starting;
    await this.#world.clock.as(program, () => server.close());
  }
}
