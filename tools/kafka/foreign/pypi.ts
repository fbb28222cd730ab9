/**
 * Packages of Python for the long fault tests, kept in the cache beside the jars; the short tests do
 * without.
 *
 * @module
 */
import { cacheFolder, exists } from "../jars.ts";
import { askCommand } from "../way.ts";

/** Runs Python 3. */
export const PYTHON: string = Deno.build.os === "windows" ? "python" : "python3";

/**
 * Has a package for this Python. It needs Python 3 with pip, and PyPI at the first use.
 *
 * @param pinned Its name and version, as `name==1.2.3`; what it depends on is left out.
 * @returns The folder that it is in, for PYTHONPATH.
 */
export async function fromPyPI(pinned: string): Promise<string> {
  const ask = (args: string[]) => answerOf(pinned, args);
  const version = await ask(["-c", "import sys; print(sys.implementation.cache_tag)"]);
  const parent = `${cacheFolder()}/kafka-rpc-deno`;
  const folder = `${parent}/${pinned.replace("==", "-")}-${version.trim()}`;
  if (await exists(folder)) return folder;
  await Deno.mkdir(parent, { recursive: true });
  const unfinished = await Deno.makeTempDir({ dir: parent });
  try {
    const install = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--no-deps"];
    await ask([...install, "--target", unfinished, pinned]);
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    // Another process was faster with the same package.
    if (!await exists(folder)) throw error;
  }
  return folder;
}

async function answerOf(pinned: string, args: string[]): Promise<string> {
  const answer = await askCommand(PYTHON, args);
  if ("text" in answer) return answer.text;
  throw new Error(
    `Cannot get ${pinned}: ${answer.missing}. Install Python 3 with pip, and see that PyPI is ` +
      "in reach; only the long fault tests need it.",
  );
}
