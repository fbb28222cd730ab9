/**
 * What the allocator of the C library says of this process: buffers of Deno and of V8 come from it,
 * V8's own heap does not. It keeps what is freed for what comes next, so that resident memory does
 * not go down by itself.
 *
 * @module
 */

/** Bytes that the allocator gave away, and that it keeps. */
export interface Allocated {
  /** In use, of all arenas and of mappings of their own. */
  readonly used: number;
  /** Freed and kept. */
  readonly free: number;
}

/** https://man7.org/linux/man-pages/man3/mallinfo.3.html: ten numbers of a word each. */
const MALLINFO2 = {
  parameters: [],
  result: { struct: Array.from({ length: 10 }, () => "usize" as const) },
} as const;
const [MAPPED, USED, FREE] = [4, 7, 8] as const;

/** musl, and other systems, have no such figures. */
const library = Deno.build.os === "linux" && Deno.build.target.endsWith("-gnu")
  ? Deno.dlopen("libc.so.6", {
    mallinfo2: MALLINFO2,
    malloc_trim: { parameters: ["usize"], result: "i32" },
  }).symbols
  : undefined;

/** NaN where this system's allocator does not say. */
export function allocated(): Allocated {
  if (library === undefined) return { used: NaN, free: NaN };
  const words = new BigUint64Array(library.mallinfo2().buffer);
  return { used: Number(words[USED]! + words[MAPPED]!), free: Number(words[FREE]!) };
}

/** Gives what is kept back to the system, where the allocator can. */
export function giveBack(): void {
  library?.malloc_trim(0n);
}
