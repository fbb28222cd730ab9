// Starts child processes that inherit nothing.
import type { ChildCommand } from "./deno_command.ts";

/**
 * Parts of Deno that no type of it names: its own `node:child_process` puts pipes in the place of
 * a child's descriptors by them. That interface itself can't be used here: it adds --allow-all to
 * the command line of a Deno that runs this program.
 */
interface Internals {
  /** Option of a command: what descriptors 3, 4, … of the child are. */
  readonly kExtraStdio?: symbol;
  /** Resources of this end of these pipes. */
  getExtraPipeRids?(child: Deno.ChildProcess): readonly (number | null)[];
  readonly core?: { tryClose(rid: number): void };
}

function internals(): Internals {
  const { internal } = Deno as unknown as { internal?: symbol };
  return internal === undefined ? {} : (Deno as unknown as Record<symbol, Internals>)[internal]!;
}

/** Whether {@linkcode spawnChild} heeds `descriptors`, in this version of Deno. */
export function coversDescriptors(): boolean {
  const { kExtraStdio, getExtraPipeRids, core } = internals();
  return kExtraStdio !== undefined && getExtraPipeRids !== undefined && core !== undefined;
}

/**
 * Starts a child, its standard input and outputs piped; throws where that can't be. Descriptors
 * that it would inherit are covered: Deno can't close one for a child, but it can put a pipe in its
 * place, whose other end is closed at once.
 */
export function spawnChild({ deno, args, env, cwd, descriptors }: ChildCommand): Deno.ChildProcess {
  const { kExtraStdio, getExtraPipeRids, core } = internals();
  const covered = coversDescriptors() ? descriptors : [];
  const highest = Math.max(2, ...covered);
  const extra = Array.from(
    { length: highest - 2 },
    (_, at) => covered.includes(at + 3) ? "piped" : "null",
  );
  const child = new Deno.Command(deno, {
    args: [...args],
    env: { ...env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
    ...(covered.length === 0 ? {} : { [kExtraStdio!]: extra }),
  }).spawn();
  if (covered.length > 0) {
    for (const rid of getExtraPipeRids!(child)) if (rid !== null) core!.tryClose(rid);
  }
  return child;
}
