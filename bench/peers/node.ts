/**
 * What peers in Node share: npm installs each by its own lock file, into its own folder.
 *
 * @module
 */
import { foreignProgram, type Program } from "../lanes/lane.ts";
import { runCommand } from "./commands.ts";

const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";
const INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"] as const;

/** Installs what a folder's lock file lists; gives the version of Node. */
export async function installNode(folder: URL, signal: AbortSignal): Promise<string> {
  const node = await runCommand(["node", "--version"], { signal });
  if (!await isInstalled(folder)) await runCommand([NPM, ...INSTALL], { cwd: folder, signal });
  return node;
}

/** npm notes what it has installed, when it has installed all of it. */
async function isInstalled(folder: URL): Promise<boolean> {
  try {
    const note = await Deno.stat(new URL("node_modules/.package-lock.json", folder));
    const lock = await Deno.stat(new URL("package-lock.json", folder));
    return note.mtime! >= lock.mtime!;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The program of a folder. */
export function nodeProgram(folder: URL, args: readonly string[]): Program {
  return foreignProgram({
    command: "node",
    args: ["--expose-gc", "lane.mjs", ...args],
    cwd: folder,
  });
}
