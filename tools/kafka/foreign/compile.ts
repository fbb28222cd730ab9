/**
 * The Java program beside this file, compiled once for each of its versions.
 *
 * @module
 */
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, exists } from "../jars.ts";
import { SHORT_RUN } from "../java.ts";

const SOURCES = new URL("./java/", import.meta.url);

/** The folder of its classes. They are kept: the compiler takes longer than most tests. */
export async function compileForeign(java: string, jars: string): Promise<string> {
  const files = (await namesIn(SOURCES)).map((name) => new URL(name, SOURCES));
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(file)));
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode([jars, ...texts].join("\0"))),
  ).toHex();
  const folder = `${cacheFolder()}/kafka-rpc-deno/foreign-${digest.slice(0, 16)}`;
  if (await exists(folder)) return folder;
  // A `*` in a class path is a matter of launchers: the compiler itself knows none.
  const classPath = (await namesIn(jars)).map((name) => `${jars}/${name}`).join(delimiter);
  const unfinished = await Deno.makeTempDir({ dir: `${cacheFolder()}/kafka-rpc-deno` });
  try {
    const { success, stderr } = await new Deno.Command(java, {
      args: [
        ...SHORT_RUN,
        "--module",
        "jdk.compiler/com.sun.tools.javac.Main",
        "--release",
        "17",
        "-d",
        unfinished,
        "-cp",
        classPath,
        ...files.map((file) => fileURLToPath(file)),
      ],
      stdin: "null",
      stdout: "null",
    }).output();
    if (!success) {
      const said = new TextDecoder().decode(stderr);
      throw new Error(`Cannot compile ${fileURLToPath(SOURCES)}: the compiler says:\n${said}`);
    }
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    // Another process was faster with the same classes.
    if (!await exists(folder)) throw error;
  }
  return folder;
}

async function namesIn(folder: string | URL): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}
