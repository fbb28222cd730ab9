// Why a child process ended by itself.
import { printable } from "../logging/printable.ts";
import type { RpcCode } from "../wire/errors.ts";
import type { SandboxEnd } from "./sandbox.ts";

/** What a caller gets of the end of a sandbox, and what the log does. */
export interface Verdict {
  readonly code: RpcCode;
  readonly reason: string;
  readonly end: SandboxEnd | undefined;
}

/** `tail`: the latest output; `isReady`: whether the commands were loaded. */
export function exitVerdict(
  { code, signal }: { readonly code: number; readonly signal: Deno.Signal | null },
  { tail, isReady, memoryMb }: {
    readonly tail: string;
    readonly isReady: boolean;
    readonly memoryMb: number;
  },
): Verdict {
  if (isOutOfMemory({ code, signal }, tail)) {
    return {
      code: "resource_exhausted",
      reason: `it took more memory than the ${memoryMb} MiB of \`limits.memoryMb\``,
      end: { reason: "memory", limitMb: memoryMb, ...(signal === null ? {} : { signal }) },
    };
  }
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  // Before it was ready, what it printed is why.
  const printed = !isReady && tail !== "" ? `\n${printable(tail.trimEnd())}` : "";
  return {
    code: "unknown",
    reason: `its process ended ${how}${printed}`,
    end: signal === null ? { reason: "exit", exitCode: code } : { reason: "crash", signal },
  };
}

/**
 * Whether V8 ended a process because its heap was full. Its report alone proves nothing, a command
 * can print one: it also ends the process by a trap.
 */
function isOutOfMemory(
  { code, signal }: { code: number; signal: Deno.Signal | null },
  tail: string,
): boolean {
  const trapped = Deno.build.os === "windows" ? code === 0x8000_0003 : signal === "SIGTRAP";
  return trapped && /^# Fatal (?:JavaScript|process) out of memory/m.test(tail);
}
