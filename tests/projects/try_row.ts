/**
 * Runs the command of a project in every way.
 *
 * @module
 */
import { ScratchFolder } from "../scratch_folder.ts";
import type { Row } from "./row.ts";

/** What the command of a project gave. */
export interface Given {
  /** By an `import()` of the module. */
  readonly plain: unknown;
  /** With `isolation: "worker"`. */
  readonly worker: unknown;
  /** With `isolation: "process"`. */
  readonly process: unknown;
}

/** A project without these packages has to start all the same; what it gives needs neither. */
const IN_PLACE_OF = [
  [
    'import { v7 } from "@std/uuid";',
    "const v7 = { generate: () => crypto.randomUUID() };",
  ],
  [
    'import { distance } from "fastest-levenshtein";',
    "const distance = (a: string, b: string) => a === b ? 0 : Infinity;",
  ],
] as const;

/**
 * The sources of this package, as a program has them that maps no name for
 * them: a project explains its own imports and nothing else. One copy serves
 * all projects, so that Deno translates it once.
 */
export async function copyPackage(): Promise<ScratchFolder> {
  const files: Record<string, string> = {};
  const root = new URL("../../", import.meta.url);
  async function copy(folder: string): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      if (isDirectory) await copy(`${folder}${name}/`);
      else files[folder + name] = await Deno.readTextFile(new URL(folder + name, root));
    }
  }
  await copy("src/");
  for (const [path, text] of Object.entries(files)) {
    files[path] = IN_PLACE_OF.reduce((text, [module, ours]) => text.replace(module, ours), text);
  }
  return await ScratchFolder.create(files);
}

/** Writes a project, runs its program with a copy of this package, and takes it away again. */
export async function tryRow(row: Row, copy: ScratchFolder): Promise<Given> {
  const { files, flags = [], module = "commands.ts" } = row;
  await using folder = await ScratchFolder.create(files);
  const program = new URL("./runner.ts", folder.url(module));
  await Deno.copyFile(new URL("./runner.ts", import.meta.url), program);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--quiet",
      ...flags.map((flag) => flag.replace("FOLDER", folder.path)),
      program.href,
      folder.url(module).href,
      copy.url("src/").href,
    ],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`the program of a project failed: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout)) as Given;
}
