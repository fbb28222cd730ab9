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

/** Test files under a folder, in the order of their paths. */
export async function testFiles(
  folder: string,
  leftOut: readonly string[] = [],
): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (leftOut.includes(path)) continue;
    if (isDirectory) files.push(...await testFiles(path, leftOut));
    else if (name.endsWith("_test.ts")) files.push(path);
  }
  return files.sort();
}

/** Parts test files into those that can run as one module, and those that can't. */
export async function splitJoined(
  files: readonly string[],
): Promise<{ joined: string[]; alone: string[] }> {
  const parts = { joined: [] as string[], alone: [] as string[] };
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    (text.includes(ALONE) || HOOK.test(text) ? parts.alone : parts.joined).push(file);
  }
  return parts;
}
