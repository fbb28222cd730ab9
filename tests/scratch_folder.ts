/**
 * A folder of files that one test writes: modules that do not pass the checks
 * of this project, or need a configuration of their own.
 *
 * @module
 */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

/** Files by their paths; text as it is, "->PATH" a link, bytes as they are, all else as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** Exists until it is disposed of. */
export class ScratchFolder implements AsyncDisposable {
  /** Its path, without links. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates it, with these files. */
  static async create(files: Files): Promise<ScratchFolder> {
    const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "kafka-rpc-test-" }));
    const folder = new ScratchFolder(path);
    await folder.write(files);
    return folder;
  }

  /** Writes files into it. */
  async write(files: Files): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = `${this.path}/${name}`;
      await Deno.mkdir(dirname(path), { recursive: true });
      if (typeof content === "string" && content.startsWith("->")) {
        await Deno.symlink(`${this.path}/${content.slice(2)}`, path);
      } else if (content instanceof Uint8Array) await Deno.writeFile(path, content);
      else {
        const text = typeof content === "string" ? content : JSON.stringify(content);
        await Deno.writeTextFile(path, text);
      }
    }
  }

  /** URL of a file in it. */
  url(name: string): URL {
    return pathToFileURL(`${this.path}/${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
