/**
 * A wall clock of other processes that a test can set wrong, and step while they run.
 *
 * @module
 */

/** Variable that names the file with the milliseconds by which the clock is wrong. */
export const CLOCK_FILE = "KAFKA_RPC_FAULTS_CLOCK";

/** A clock that is wrong in the processes that were started with it, and right elsewhere. */
export class SteppedClock implements Disposable {
  readonly #file: string;
  #shiftMs: number;

  /** Creates the clock, ahead by so many milliseconds; behind where they are negative. */
  constructor(shiftMs = 0) {
    this.#file = Deno.makeTempFileSync({ prefix: "kafka-rpc-clock-" });
    this.#shiftMs = shiftMs;
    this.#write();
  }

  /** What a process needs to have this clock: options of `deno run`, and its environment. */
  get child(): { args: string[]; env: Record<string, string> } {
    const preload = new URL("./fixtures/stepped_date.ts", import.meta.url);
    return { args: [`--preload=${preload.href}`], env: { [CLOCK_FILE]: this.#file } };
  }

  /** Steps the clock by so many milliseconds; processes see it at their next look. */
  step(byMs: number): void {
    this.#shiftMs += byMs;
    this.#write();
  }

  /** Removes the file; processes that still run keep the last time difference. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#file);
  }

  #write(): void {
    // Eight bytes in one write: a reader sees the old number or the new one.
    using file = Deno.openSync(this.#file, { write: true });
    file.writeSync(new Uint8Array(new Float64Array([this.#shiftMs]).buffer));
  }
}
