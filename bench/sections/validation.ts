/**
 * What a contract costs, without Kafka: the input of the example's `divide` on the client's side, its
 * input and result on the server's.
 *
 * @module
 */
import * as commands from "../../examples/validated/commands.ts";
import { math } from "../../examples/validated/math.ts";
import { checkInput } from "../../src/client/validation.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import type { SectionPlace } from "./section.ts";

/** Inputs that are validated, one after the other. */
const INPUTS = 20_000;

/** Rows that a goal compares. */
export const VALIDATION_ROWS = { client: "client's side", server: "server's side" } as const;

/** Measures both sides. */
export async function validation(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const rounds = place.quick ? 2 : 5;
  const input = { a: 1, b: 3 };
  const call = { command: "divide", id: "01931a52-9f0e-7d6c-a1b2-0123456789ab" };
  const { signal } = new AbortController();
  const context = { ...call, signal, deadline: Infinity, attempt: 1, metadata: {} };
  const sides: readonly (readonly [Row, () => unknown])[] = [
    [
      rowOf(VALIDATION_ROWS.client),
      () => checkInput(math.divide.input, input, call as never, signal),
    ],
    [rowOf(VALIDATION_ROWS.server), () => commands.divide(input, context)],
  ];
  for (const [, work] of sides) await micros(work);
  for (let round = 0; round < rounds; round++) {
    for (const [row, work] of sides) sample(row, "validate", await micros(work));
  }
  const title = `Validation of one call: ${rounds} rounds of ${INPUTS}`;
  return [{ title, rows: sides.map(([row]) => row) }];
}

const rowOf = (name: string): Row => ({ name, samples: {} });

async function micros(work: () => unknown): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < INPUTS; n++) await work();
  return (performance.now() - start) * 1_000 / INPUTS;
}
