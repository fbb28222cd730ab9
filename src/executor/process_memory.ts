// The memory of a child, as the kernel counts it.
import { PERMISSIONS } from "./permissions.ts";

/** How often the kernel is asked, in milliseconds. */
const LOOK_MS = 100;

/**
 * Watches, until the function that it gives is called, what a child takes beyond the present, in
 * bytes: resident memory, swap and page tables. Its own supervisor sees the first of these only,
 * and only while it is not busy with what a command has posted to it. Where this program may not
 * ask the kernel, nothing is watched: Deno lets a program read /proc only where it has all
 * permissions, and other systems than Linux have none.
 */
export function watchMemory(pid: number, onLook: (bytes: number) => void): () => void {
  const before = mayAsk() ? memoryOf(pid) : undefined;
  if (before === undefined) return () => {};
  const timer = setInterval(() => {
    const now = memoryOf(pid);
    if (now !== undefined) onLook(now - before);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** Asked for by name: a read that is not allowed would prompt on a terminal. */
function mayAsk(): boolean {
  return Deno.build.os === "linux" &&
    PERMISSIONS.every((name) => Deno.permissions.querySync({ name }).state === "granted");
}

function memoryOf(pid: number): number | undefined {
  let status: string;
  try {
    status = Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch (error) {
    // It has just ended; or these permissions are all that there are, but not --allow-all.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    throw error;
  }
  const sizes = [...status.matchAll(/^Vm(?:RSS|Swap|PTE):\s*(\d+) kB$/gm)];
  return sizes.reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}
