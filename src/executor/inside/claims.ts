// Which jobs of a sandbox have begun, in memory that its worker shares with a thread outside of it.

/** The jobs that were sent into a sandbox, numbered in their order. */
export interface Claims {
  /** Whether a job may begin: not where it was taken back. Jobs begin in the order of their numbers. */
  begin(run: number): boolean;
  /**
   * Takes back what has not begun, up to a number. Gives the last job that had begun, or was taken
   * back before: those after it never begin.
   */
  takeBack(upTo: number): number;
}

/** Bytes of the shared memory. */
export const CLAIM_BYTES = 4;

/** Largest number of a job. */
export const MAX_RUN = 0x7fff_ffff;

/**
 * Self-contained, because it travels as text, and with the functions of the moment it was created,
 * because commands may replace them.
 *
 * One number says it all, because a worker begins its jobs in their order: the last one that has
 * begun or was taken back. Both sides only ever raise it, so whichever is first with a job has it.
 */
export function createClaims(memory: SharedArrayBuffer): Claims {
  const { load, compareExchange } = Atomics;
  const mark = new Int32Array(memory);
  /** Raises the mark; gives the one before. */
  function raise(to: number): number {
    for (;;) {
      const before = load(mark, 0);
      if (before >= to || compareExchange(mark, 0, before, to) === before) return before;
    }
  }
  return { begin: (run) => raise(run) < run, takeBack: raise };
}
