/**
 * An earlier revision of this project, for rows in which old and new programs work together.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The last one whose transport was the client library's own: producer, consumer and admin. */
export const BEFORE_THE_CORE = "83a1944";

/** Its files, which are gone when it is disposed of. */
export class EarlierRevision implements AsyncDisposable {
  /** Where they are. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Takes them from the history of the repository. */
  static async checkOut(revision: string): Promise<EarlierRevision> {
    const checkedOut = new EarlierRevision(await Deno.makeTempDir({ prefix: "kafka-rpc-old-" }));
    const archive = `${checkedOut.folder}/project.tar`;
    try {
      await run("git", ["archive", `--output=${archive}`, revision]);
      await run("tar", ["-xf", archive, "-C", checkedOut.folder]);
      return checkedOut;
    } catch (error) {
      await checkedOut[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Removes them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const { success, stderr } = await new Deno.Command(command, { args, cwd }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot check out an earlier revision: ${reason}. Fetch the whole history.`);
}
