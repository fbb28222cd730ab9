/**
 * Test files that run as one module.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Begins the comment of a test file that takes a module graph of its own, and says why. */
const ALONE = "// Alone: ";
/** Would run before and after the tests of all files. */
const HOOK = /\bDeno\.test\.(?:before|after)/;

/**
 * A module that imports test files. Each file that `deno test` is given loads all that it imports
 * anew: 0.2 s of processor time, a fifth of what the tests without a broker take in all.
 */
export class JoinedTests implements AsyncDisposable {
  readonly #folder: string;
  /** Its path, for `deno test`. */
  readonly path: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, "joined_test.ts");
  }

  /** Writes the module for these files. */
  static async write(files: readonly string[]): Promise<JoinedTests> {
    const tests = new JoinedTests(await Deno.makeTempDir({ prefix: "kafka-rpc-tests-" }));
    const lines = files.map((file) => `import "${pathToFileURL(file)}";\n`);
    await Deno.writeTextFile(tests.path, lines.join(""));
    return tests;
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Test files under a folder: those that can be joined, and those that run alone. */
export async function testFiles(
  folder: string,
  leftOut: readonly string[] = [],
): Promise<{ joined: string[]; alone: string[] }> {
  const files = { joined: [] as string[], alone: [] as string[] };
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (leftOut.includes(path)) continue;
    if (isDirectory) {
      const inside = await testFiles(path, leftOut);
      files.joined.push(...inside.joined);
      files.alone.push(...inside.alone);
    } else if (name.endsWith("_test.ts")) {
      const text = await Deno.readTextFile(path);
      const isAlone = text.includes(ALONE) || HOOK.test(text);
      files[isAlone ? "alone" : "joined"].push(path);
    }
  }
  files.joined.sort();
  files.alone.sort();
  return files;
}
