/**
 * One contestant in processes of its own, so that neither code that was compiled for another one
 * nor its memory counts. Its programs may be written in any language: they are spoken to by lines.
 *
 * @module
 */
import { LineProcess, type LineProcessOptions } from "../../tools/line_process.ts";
import type { OpenLoopOutcome, OpenLoopPlan } from "../measuring/open_loop.ts";
import type { Parts } from "../measuring/profile.ts";
import { type Usage, usageOf } from "../measuring/usage.ts";

/** A program of a lane, not started yet. */
export type Program = (signal: AbortSignal) => LineProcess;

/** A program of another language. */
export function foreignProgram(options: LineProcessOptions): Program {
  return (signal) => new LineProcess({ ...options, signal });
}

/**
 * One contestant, ready to be measured. Each of its programs writes the line `"ready"` when it
 * serves, or when its first call was answered. The last one makes the calls that it is asked for:
 *
 * - `closed <calls> <in flight>`: milliseconds of each call, as a JSON list
 * - `burst <calls>`: milliseconds for all of them at once
 * - `heap`: bytes of the heap in use after a garbage collection
 *
 * and ends with its standard input. What else it can do is in lane_process.ts.
 */
export class Lane implements AsyncDisposable {
  /** Its name. */
  readonly name: string;
  /** Milliseconds from the start of the first program to the first answer. */
  readonly firstAnswerMs: number;
  readonly #caller: LineProcess;
  readonly #processes: readonly LineProcess[];

  private constructor(name: string, processes: readonly LineProcess[], firstAnswerMs: number) {
    this.name = name;
    this.firstAnswerMs = firstAnswerMs;
    this.#processes = processes;
    this.#caller = processes.at(-1)!;
  }

  /**
   * Starts one, program by program.
   *
   * @param name Its name.
   * @param programs Those that answer, then the one that calls; or one for both.
   * @param signal Ends the start.
   * @returns The lane.
   */
  static async start(
    name: string,
    programs: readonly Program[],
    signal: AbortSignal,
  ): Promise<Lane> {
    const processes: LineProcess[] = [];
    const began = performance.now();
    try {
      for (const program of programs) {
        const process = program(signal);
        processes.push(process);
        await process.answer(); // "ready"
      }
    } catch (error) {
      for (const process of processes) await process[Symbol.asyncDispose]();
      throw error;
    }
    return new Lane(name, processes, performance.now() - began);
  }

  /** Milliseconds of each of so many calls in all, with so many in flight. */
  closed(count: number, inFlight: number): Promise<number[]> {
    return this.#ask(`closed ${count} ${inFlight}`);
  }

  /** Milliseconds for so many calls at once. */
  burst(count: number): Promise<number> {
    return this.#ask(`burst ${count}`);
  }

  /** Calls at a fixed rate. */
  open({ rate, count, maxInFlight }: OpenLoopPlan): Promise<OpenLoopOutcome> {
    return this.#ask(`open ${rate} ${count} ${maxInFlight}`);
  }

  /** Bytes of heap that a call takes which is in flight, of both sides in one process. */
  pendingBytes(count: number): Promise<number> {
    return this.#ask(`pending ${count}`);
  }

  /** Where the time of a burst of so many calls goes in the process that calls. */
  profile(count: number): Promise<Parts> {
    return this.#ask(`profile ${count}`);
  }

  /** Bytes of the heap in use after a garbage collection, of all its programs. */
  async heapBytes(): Promise<number> {
    const answers = this.#processes.map((process) => process.ask("heap"));
    return (await Promise.all(answers)).reduce((sum, answer) => sum + Number(answer), 0);
  }

  /** What its processes, and their children, take. */
  usage(): Usage {
    return usageOf(this.#processes.map(({ pid }) => pid));
  }

  async #ask<T>(line: string): Promise<T> {
    return JSON.parse(await this.#caller.ask(line));
  }

  /** Whether both sides are in one process. */
  get isOneProcess(): boolean {
    return this.#processes.length === 1;
  }

  /** Ends its processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.toReversed()) await process[Symbol.asyncDispose]();
  }
}
