/**
 * Which paths are there.
 *
 * @module
 */

/** Those of the paths that exist; a pattern is left to the command that gets it. */
export async function existing(paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    try {
      if (!path.includes("*")) await Deno.stat(path);
      found.push(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found;
}
