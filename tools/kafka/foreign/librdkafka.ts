/**
 * librdkafka in a process, for the long fault tests: the library of most programs that are neither
 * Java nor JavaScript. It comes from PyPI at its first use; the short tests do without.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { cacheFolder, exists } from "../jars.ts";
import { askCommand } from "../way.ts";
import { type ForeignOptions, ForeignProcess } from "./foreign_process.ts";

const PACKAGE = "confluent-kafka==2.16.1";
/** Runs Python 3. */
export const PYTHON: string = Deno.build.os === "windows" ? "python" : "python3";
const PROGRAM = fileURLToPath(new URL("./librdkafka.py", import.meta.url));

/** Clients of librdkafka, in a process of their own. */
export class Librdkafka extends ForeignProcess {
  /** Starts it. It needs Python 3 with pip, and PyPI at its first use. */
  static async start({ brokers, settings }: ForeignOptions): Promise<Librdkafka> {
    return new Librdkafka(PYTHON, [PROGRAM], {
      settings: { "bootstrap.servers": brokers.join(), ...settings },
      env: { PYTHONPATH: await provideLibrary() },
    });
  }
}

/** The folder of the library for this Python, for PYTHONPATH. It needs PyPI at its first use. */
export async function provideLibrary(): Promise<string> {
  const version = await ask(["-c", "import sys; print(sys.implementation.cache_tag)"]);
  const parent = `${cacheFolder()}/kafka-rpc-deno`;
  const folder = `${parent}/${PACKAGE.replace("==", "-")}-${version.trim()}`;
  if (await exists(folder)) return folder;
  await Deno.mkdir(parent, { recursive: true });
  const unfinished = await Deno.makeTempDir({ dir: parent });
  try {
    const install = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--no-deps"];
    await ask([...install, "--target", unfinished, PACKAGE]);
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    // Another process was faster with the same package.
    if (!await exists(folder)) throw error;
  }
  return folder;
}

async function ask(args: string[]): Promise<string> {
  const answer = await askCommand(PYTHON, args);
  if ("text" in answer) return answer.text;
  throw new Error(
    `Cannot get ${PACKAGE}: ${answer.missing}. Install Python 3 with pip, and see that PyPI is ` +
      "in reach; only the long fault tests need it.",
  );
}
