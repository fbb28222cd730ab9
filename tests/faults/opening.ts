/**
 * How the files of rows begin: what their tests share is opened before the first and closed after
 * the last of them.
 *
 * @module
 */
import { Arena, type Size } from "./arena.ts";
import { judge } from "./oracle.ts";
import type { MakeRow } from "./rows_connection.ts";

/**
 * Options of tests that share processes: their output is read all the time, and a test may end one
 * and start another in its place.
 */
export const SHARED: Pick<Deno.TestDefinition, "sanitizeOps" | "sanitizeResources"> = {
  sanitizeOps: false,
  sanitizeResources: false,
};

/** Opens what all tests of a file use; what `opened` has is closed behind the last test. */
export function openForAll(open: (opened: AsyncDisposableStack) => Promise<void>): void {
  const opened = new AsyncDisposableStack();
  Deno.test.beforeAll(() => open(opened));
  Deno.test.afterAll(() => opened.disposeAsync());
}

/** Rows on one node behind a proxy, which all rows of a file share. */
export class ArenaRows {
  readonly #size: Size;
  #arena: Arena | undefined;

  /** Opens the node for a file. */
  constructor(size: Size) {
    this.#size = size;
    openForAll(async (opened) => {
      this.#arena = opened.use(await Arena.start());
    });
    // What a failed row has left behind is not the next one's.
    Deno.test.beforeEach(async () => {
      if (!this.arena.node.up) await this.arena.back();
      await this.arena.proxy.heal();
    });
  }

  /** The node, once tests run. */
  get arena(): Arena {
    return this.#arena!;
  }

  /** Declares a test that judges a row. */
  row(name: string, make: MakeRow): void {
    Deno.test(name, SHARED, () => judge(make(this.arena, this.#size)));
  }
}
