/**
 * A copy of the project, in which cures can be taken out.
 *
 * @module
 */
import { cp } from "node:fs/promises";
import { applied, type Edit, type Mutant } from "./mutant.ts";

const ROOT = new URL("../../", import.meta.url);
const COPIED = ["src", "tests", "tools", "mod.ts", "deno.json", "deno.lock"];
/** What a task said. */
export interface TaskResult {
  readonly isGreen: boolean;
  /** Its time was over before its end. */
  readonly isLate: boolean;
  readonly output: string;
}

/** A folder of its own, until it is disposed of. */
export class ProjectCopy implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies what tests need. */
  static async create(): Promise<ProjectCopy> {
    const folder = await Deno.makeTempDir({ prefix: "mutants-" });
    for (const name of COPIED) {
      await cp(new URL(name, ROOT), `${folder}/${name}`, { recursive: true });
    }
    return new ProjectCopy(folder);
  }

  /**
   * Takes a cure out.
   *
   * @param mutant Which one.
   * @returns Puts it back.
   */
  async mutate({ name, edits }: Mutant): Promise<AsyncDisposable> {
    const before = new Map<string, string>();
    const now = new Map<string, string>();
    for (const edit of edits) {
      const source = now.get(edit.file) ?? await this.#read(edit);
      if (!before.has(edit.file)) before.set(edit.file, source);
      now.set(edit.file, applied(source, edit, name));
    }
    await this.#write(now);
    return { [Symbol.asyncDispose]: () => this.#write(before) };
  }

  #read({ file }: Edit): Promise<string> {
    return Deno.readTextFile(`${this.#folder}/${file}`);
  }

  async #write(texts: ReadonlyMap<string, string>): Promise<void> {
    for (const [file, text] of texts) await Deno.writeTextFile(`${this.#folder}/${file}`, text);
  }

  /**
   * Runs one of the project's tasks.
   *
   * @param args Its name and arguments.
   * @param timeoutMs Longest time that it takes.
   * @returns What it said.
   */
  async run(args: readonly string[], timeoutMs: number): Promise<TaskResult> {
    const late = AbortSignal.timeout(timeoutMs);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", "-A", "tools/launch.ts", ...args],
      cwd: this.#folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
      signal: late,
    }).output();
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    return { isGreen: code === 0, isLate: late.aborted, output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
