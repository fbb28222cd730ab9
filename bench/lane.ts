/**
 * One contestant in processes of its own, so that neither code that was compiled for another one
 * nor its memory counts.
 *
 * @module
 */
import { LineProcess } from "../tools/line_process.ts";
import { add, type Usage } from "./usage.ts";

/** One contestant, ready to be measured. */
export class Lane implements AsyncDisposable {
  /** Its name. */
  readonly name: string;
  readonly #caller: LineProcess;
  readonly #processes: readonly LineProcess[];

  private constructor(name: string, processes: readonly LineProcess[]) {
    this.name = name;
    this.#processes = processes;
    this.#caller = processes.at(-1)!;
  }

  /**
   * Starts one.
   *
   * @param name The contestant.
   * @param topic A topic of its own.
   * @param split Whether the side that answers has a process of its own.
   * @param signal Gives it up.
   */
  static async start(
    name: string,
    topic: string,
    split: boolean,
    signal: AbortSignal,
  ): Promise<Lane> {
    const roles = split ? [["yes", "no"], ["no", "yes"]] : [["yes", "yes"]];
    const processes = roles.map((role) => {
      return LineProcess.ofProject(["-A", "bench/lane_process.ts", name, topic, ...role], signal);
    });
    const lane = new Lane(name, processes);
    try {
      await Promise.all(processes.map((process) => process.answer())); // "ready"
    } catch (error) {
      await lane[Symbol.asyncDispose]();
      throw error;
    }
    return lane;
  }

  /** Milliseconds of each of so many calls, one after the other. */
  async sequential(count: number): Promise<number[]> {
    return JSON.parse(await this.#caller.ask(`sequential ${count}`));
  }

  /** Milliseconds for so many calls at once. */
  async burst(count: number): Promise<number> {
    return JSON.parse(await this.#caller.ask(`burst ${count}`));
  }

  /** What its processes take. */
  async usage(): Promise<Usage> {
    const answers = await Promise.all(this.#processes.map((process) => process.ask("usage")));
    return add(answers.map((answer) => JSON.parse(answer)));
  }

  /** Ends its processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.toReversed()) await process[Symbol.asyncDispose]();
  }
}
