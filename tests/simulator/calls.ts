/**
 * The calls of a simulation, and what became of each.
 *
 * @module
 */
import { type Client, RpcError } from "@kafka-rpc/deno";
import { clock } from "../../src/async/clock.ts";
import { delay } from "../../src/async/delay.ts";
import { answerTo } from "../faults/work.ts";

/** Deadline of each call. */
export const TIMEOUT_MS = 10_000;
/** How long most commands take, and a few. */
const HOLD_MS = { most: 50, few: 1_500 };

/** What became of a call. Times are the simulation's. */
export interface Outcome {
  readonly call: string;
  /** `ok`, `wrong`, an error's code, or what was thrown that is no RpcError. */
  readonly status: string;
  readonly message: string;
  readonly begunAt: number;
  readonly settledAt: number;
}

/** Input of a call. */
export interface Input {
  readonly call: string;
  readonly text: string;
  readonly holdMs: number;
}

/** Makes calls at times that chance decides. */
export class Calls {
  readonly outcomes: Outcome[] = [];
  /** How many were begun, or will be. */
  expected = 0;

  /**
   * Makes calls.
   *
   * @param client Who makes them.
   * @param count How many.
   * @param withinMs They begin within this time.
   */
  async make(client: Client, count: number, withinMs: number): Promise<void> {
    this.expected += count;
    const begin = Array.from({ length: count }, () => clock.random() * withinMs);
    await Promise.all(begin.map(async (ms) => {
      await delay(ms);
      await this.#call(client);
    }));
  }

  async #call(client: Client): Promise<void> {
    const call = clock.id();
    const isLong = clock.random() < 0.05;
    const holdMs = clock.random() * (isLong ? HOLD_MS.few : HOLD_MS.most);
    const input: Input = { call, text: `text of ${call}`, holdMs };
    const begunAt = clock.now();
    let status: string;
    let message = "";
    try {
      const result = await client.call("work", input, { timeoutMs: TIMEOUT_MS });
      status = result === `${call} ${answerTo(input.text)}` ? "ok" : "wrong";
    } catch (error) {
      status = error instanceof RpcError ? error.code : `untyped ${error}`;
      message = (error as Error).message;
    }
    this.outcomes.push({ call, status, message, begunAt, settledAt: clock.now() });
  }
}
