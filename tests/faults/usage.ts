/**
 * What a process of the fault tests uses.
 *
 * @module
 */

/** Figures of one moment. */
export interface Usage {
  /** Bytes of resident memory. */
  readonly rss: number;
  /** Bytes in use of the heap. */
  readonly heap: number;
  /** Bytes that V8 has taken for its heap, used or not. */
  readonly committed: number;
  /** Bytes outside of the heap that its objects hold, such as buffers. */
  readonly external: number;
  /** Open files. */
  readonly fds: number;
}

/** Collects the garbage, where V8 was told to allow it, and looks at what is left. */
export function usage(): Usage {
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed: heap, heapTotal: committed, external } = Deno.memoryUsage();
  return { rss, heap, committed, external, fds: [...Deno.readDirSync("/proc/self/fd")].length };
}
