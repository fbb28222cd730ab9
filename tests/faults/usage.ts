/**
 * What a process of the fault tests uses.
 *
 * @module
 */
import { getHeapSpaceStatistics } from "node:v8";
import { allocated, giveBack } from "./allocator.ts";

/** Figures of one moment. */
export interface Usage {
  /** Bytes of resident memory. */
  readonly rss: number;
  /** Bytes in use of the heap. */
  readonly heap: number;
  /** Bytes that V8 has taken for its heap, used or not. */
  readonly committed: number;
  /** Those of them that are for young objects: V8 doubles this when many survive, up to a limit. */
  readonly young: number;
  /** Bytes in use of what the C library has allocated; NaN where it does not say. */
  readonly allocated: number;
  /** Bytes that were freed, and that its allocator keeps; NaN where it does not say. */
  readonly kept: number;
  /** Open files. */
  readonly fds: number;
}

/** Collects the garbage, where V8 was told to allow it, and looks at what is left. */
export function usage(): Usage {
  collect();
  const { rss, heapUsed: heap, heapTotal: committed } = Deno.memoryUsage();
  const spaces = getHeapSpaceStatistics();
  const young = spaces.find(({ space_name }) => space_name === "new_space")!.space_size;
  const { used, free: kept } = allocated();
  const fds = [...Deno.readDirSync("/proc/self/fd")].length;
  return { rss, heap, committed, young, allocated: used, kept, fds };
}

/** The same after the allocator has given back what it keeps. */
export function usageGivenBack(): Usage {
  collect();
  giveBack();
  return usage();
}

function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
