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
  /** Open files. */
  readonly fds: number;
}

/** Collects the garbage, where V8 was told to allow it, and looks at what is left. */
export function usage(): Usage {
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed: heap } = Deno.memoryUsage();
  return { rss, heap, fds: [...Deno.readDirSync("/proc/self/fd")].length };
}
