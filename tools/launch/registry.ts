/**
 * Decides once per run which module registry the tasks use: jsr.io, or the stand-in under
 * tools/offline where jsr.io is out of reach.
 *
 * @module
 */

import { cp } from "node:fs/promises";
import { pathToFileURL } from "node:url";

/** Where the real registry is. */
export const JSR = "https://jsr.io/";

const PROBE = `${JSR}@std/uuid/meta.json`;
const PROBE_WITHIN_MS = 3000;
const STAND_IN = new URL("../offline/registry/", import.meta.url).href;

/** What the tasks' children get. */
export interface Registry {
  /**
   * Environment for the children. A launcher among them finds the decision in JSR_URL; a program
   * that starts `deno` in this project passes KAFKA_RPC_DENO_FLAGS, split at spaces, to it.
   */
  env: { JSR_URL: string; KAFKA_RPC_DENO_FLAGS: string };
  /** Arguments for every deno command that resolves modules. */
  flags: string[];
  /** True where the stand-ins of this project serve as the registry. */
  standIns: boolean;
  /** The decision in one line. */
  line: string;
}

/** Takes JSR_URL as it is set, or probes jsr.io once. */
export async function chooseRegistry(): Promise<Registry> {
  const given = Deno.env.get("JSR_URL");
  const url = given ?? await probe();
  const lock = url.startsWith("file:") ? "tools/offline/deno.lock" : "deno.lock";
  // Without --frozen: what the lock file names is checked by its hash, and a version that only the
  // real registry can resolve is added instead of refused.
  const flags = [`--lock=${lock}`];
  const source = given
    ? `${given} (JSR_URL)`
    : url === STAND_IN
    ? "stand-ins under tools/offline, because jsr.io is out of reach"
    : "jsr.io";
  return {
    env: { JSR_URL: url, KAFKA_RPC_DENO_FLAGS: flags.join(" ") },
    flags,
    standIns: url === STAND_IN,
    line: `Modules: ${source}; locked by ${lock}.`,
  };
}

/**
 * A copy of the stand-ins outside of this project, gone when disposed of. `deno publish` takes
 * every local module that the package imports for a part of the package that it leaves out.
 */
export async function copyStandIns(): Promise<{ url: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "kafka-rpc-registry-" });
  const url = `${pathToFileURL(folder).href}/`;
  await cp(new URL(STAND_IN), folder, { recursive: true });
  return { url, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function probe(): Promise<string> {
  try {
    const answer = await fetch(PROBE, {
      signal: AbortSignal.timeout(PROBE_WITHIN_MS),
    });
    await answer.body?.cancel();
    if (answer.ok) return JSR;
  } catch (error) {
    // No name, no route, no answer in time: all of them mean out of reach.
    if (!(error instanceof TypeError || error instanceof DOMException)) {
      throw error;
    }
  }
  return STAND_IN;
}
