/**
 * What the source says, for tests of the pages on the log.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** A file of the project, as text. */
export const readText = (path: string): string => Deno.readTextFileSync(new URL(path, ROOT));

/** Every module of src; those of the command-line tool write no log of their own. */
export function sources(folder = "src"): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? sources(`${folder}/${name}`) : [`${folder}/${name}`]
  ).filter((path) => path.endsWith(".ts") && !path.startsWith("src/cli/"));
}
