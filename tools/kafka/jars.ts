/**
 * The jars of Apache Kafka on this machine: where they are kept, and whether they are exactly
 * the ones whose SHA-256 sums this repository holds.
 *
 * @module
 */

/** Versions whose jars are pinned here, each in a folder of its own; the first is the default. */
export const KAFKA_VERSIONS = ["4.3.1", "3.9.2"] as const;

/**
 * Finds a pinned version.
 *
 * @param asked The version, or how it begins, such as `3.9`; undefined or empty: the default.
 * @returns The whole version.
 */
export function chooseVersion(asked: string | undefined): string {
  if (!asked) return KAFKA_VERSIONS[0];
  const found = KAFKA_VERSIONS.find((version) => `${version}.`.startsWith(`${asked}.`));
  if (found !== undefined) return found;
  throw new Error(
    `Cannot use Kafka ${asked}: its jars are not pinned here. Set KAFKA_VERSION to ` +
      `${KAFKA_VERSIONS.join(" or ")}, or leave it out.`,
  );
}

/**
 * The Kafka version that is run: the default, or what KAFKA_VERSION says. What is not pinned is
 * refused here, where a broker is needed.
 */
export function kafkaVersion(): string {
  return chooseVersion(Deno.env.get("KAFKA_VERSION"));
}

/** What Maven gets for a version, and the sums of it. */
export function versionFile(name: "pom.xml" | "SHA256SUMS", version: string = kafkaVersion()): URL {
  return new URL(`./versions/${version}/${name}`, import.meta.url);
}

/** The expected SHA-256 sums in hexadecimal, by file name. */
export type Sums = ReadonlyMap<string, string>;

/** Reads the committed sums (the format of `sha256sum`). */
export async function readSums(file: URL = versionFile("SHA256SUMS")): Promise<Sums> {
  const lines = (await Deno.readTextFile(file)).trim().split(/\r?\n/);
  return new Map(lines.map((line) => {
    const [sum = "", name = ""] = line.split(/\s+\*?/);
    return [name, sum];
  }));
}

/** The user's cache folder on this system. */
export function cacheFolder(): string {
  const home = Deno.env.get(
    Deno.build.os === "windows" ? "USERPROFILE" : "HOME",
  );
  const own = Deno.build.os === "windows"
    ? Deno.env.get("LOCALAPPDATA") ?? (home && `${home}/AppData/Local`)
    : Deno.env.get("XDG_CACHE_HOME") ||
      (home &&
        (Deno.build.os === "darwin" ? `${home}/Library/Caches` : `${home}/.cache`));
  if (!own) {
    throw new Error(
      "Cannot find a cache folder: neither HOME nor XDG_CACHE_HOME is set. " +
        "Set XDG_CACHE_HOME to a folder that may be written.",
    );
  }
  return own;
}

/**
 * Where these very jars belong. The name carries a digest of the sums, so that a change of
 * the committed list makes a new folder instead of condemning the old one.
 */
export async function jarsFolder(sums: Sums): Promise<string> {
  const list = new TextEncoder().encode([...sums].flat().join(" "));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", list))
    .toHex();
  return `${cacheFolder()}/kafka-rpc-deno/kafka-${kafkaVersion()}-${digest.slice(0, 8)}`;
}

/** True if the folder is there at all. */
export async function exists(folder: string): Promise<boolean> {
  try {
    await Deno.stat(folder);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Reads every jar and throws an error that names each one that is missing, surplus or not what
 * the sums say. Java loads whatever lies in the folder, so a surplus jar is as bad as a changed one.
 */
export async function verifyJars(
  folder: string,
  sums: Sums,
  advice?: string,
): Promise<void> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) found.push(entry.name);
  const verdicts = await Promise.all([...sums].map(async ([name, expected]) => {
    if (!found.includes(name)) return `${name} is missing`;
    const bytes = await Deno.readFile(`${folder}/${name}`);
    const actual = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
      .toHex();
    return actual === expected
      ? []
      : `${name} does not have the SHA-256 sum in tools/kafka/versions/${kafkaVersion()}/SHA256SUMS`;
  }));
  const surplus = found.filter((name) => !sums.has(name)).map((name) => `${name} is surplus`);
  const faults = [...verdicts.flat(), ...surplus];
  if (faults.length > 0) {
    throw new Error(
      `Cannot use the Kafka jars in ${folder}: ${faults.join(", ")}. ` +
        (advice ??
          "Delete that folder and start again, then they are downloaded anew."),
    );
  }
}
