// Descriptors that every child of this program inherits because its own parent left them open.
import { denoOutput } from "./deno_output.ts";

/** Runs in a child: it prints the descriptors that are passed on, as JSON. */
function listInherited(): void {
  const closedOnExec = 0o2000000; // O_CLOEXEC, set on all that a Deno process opens by itself
  const inherited = [...Deno.readDirSync("/proc/self/fdinfo")].flatMap(({ name }) => {
    try {
      const text = Deno.readTextFileSync(`/proc/self/fdinfo/${name}`);
      const flags = parseInt(/^flags:\s*(\d+)/m.exec(text)?.[1] ?? "", 8);
      return Number(name) > 2 && (flags & closedOnExec) === 0 ? [Number(name)] : [];
    } catch (error) {
      // The one that the folder itself was read by.
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
  // deno-lint-ignore no-console -- the standard output of a child of its own is its answer
  console.log(JSON.stringify(inherited));
}

/**
 * Finds the descriptors that a child of this program would inherit besides its standard input and
 * outputs: pipes, sockets and files that a shell or a service manager left open. A command could
 * read them without any permission, by Node's interface. A child is asked, because a program may
 * look at its own only where it has all permissions. On systems other than Linux they can't be
 * found: there it gives none. Rejects with `failed_precondition` where the child can't be run, or
 * sees no /proc.
 */
export async function inheritedDescriptors(
  deno: string,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  if (Deno.build.os !== "linux") return [];
  const source = `data:text/javascript,${encodeURIComponent(`(${listInherited})();`)}`;
  const args = ["run", "--no-prompt", "--allow-all", "--no-config", "--no-lock", "--quiet", source];
  return JSON.parse(await denoOutput(deno, { args, signal })) as number[];
}
