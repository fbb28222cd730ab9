/**
 * An earlier revision of this project, for rows in which old and new programs work together.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ScratchFolder } from "../scratch_folder.ts";

/** The last one whose transport was the client library's own: producer, consumer and admin. */
export const BEFORE_THE_CORE = "83a1944";

/** Takes its files from the history of the repository, into a folder of their own. */
export async function checkOut(revision: string): Promise<ScratchFolder> {
  const folder = await ScratchFolder.create({});
  const archive = `${folder.path}/project.tar`;
  try {
    await run("git", ["archive", `--output=${archive}`, revision]);
    await run("tar", ["-xf", archive, "-C", folder.path]);
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const { success, stderr } = await new Deno.Command(command, { args, cwd }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot check out an earlier revision: ${reason}. Fetch the whole history.`);
}
