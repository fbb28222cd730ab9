/**
 * Gets the jars of Apache Kafka from Maven Central through `mvn`, once.
 *
 * @module
 */
import { KeptProcess } from "../kept_process.ts";
import {
  exists,
  jarsFolder,
  kafkaVersion,
  readSums,
  type Sums,
  verifyJars,
  versionFile,
} from "./jars.ts";
import type { Log } from "./log.ts";
import { askCommand } from "./way.ts";

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const MAVEN = Deno.build.os === "windows" ? "mvn.cmd" : "mvn";
const ABOUT_MB = 44;
const REPORT_EVERY_MS = 1000;
const MEGABYTES = new Map([["B", 1e-6], ["kB", 1e-3], ["MB", 1]]);

/** The verified folder of jars: the kept one, a newly downloaded one, or why there is none. */
export async function provideJars(
  log: Log,
  signal?: AbortSignal | undefined,
): Promise<{ folder: string } | { missing: string }> {
  const sums = await readSums();
  const folder = await jarsFolder(sums);
  if (await exists(folder)) {
    await verifyJars(folder, sums);
    return { folder };
  }
  const maven = await askCommand(MAVEN, ["--version"], signal);
  if ("missing" in maven) return maven;
  await download(folder, sums, log, signal);
  return { folder };
}

async function download(
  folder: string,
  sums: Sums,
  log: Log,
  signal?: AbortSignal | undefined,
): Promise<void> {
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  await Deno.mkdir(parent, { recursive: true });
  using progress = new DownloadProgress(sums, log);
  // The jars gather in the keeper's folder beside their final place. It vanishes with the
  // keeper, so an interrupted download leaves nothing; a whole one is moved in one step.
  await using maven = await KeptProcess.start({
    folderIn: parent,
    folderPrefix: "download-",
    files: {
      "pom.xml": await Deno.readTextFile(versionFile("pom.xml")),
    },
    steps: [[
      MAVEN,
      "--batch-mode",
      PLUGIN,
      "-DoutputDirectory={folder}/jars",
    ]],
    graceMs: 2000,
    forwardLines: true,
  }, { signal, onLine: (line) => progress.take(line) });
  const exit = await maven.finished(signal);
  if (exit.code !== 0) {
    throw new Error(
      `Cannot download Apache Kafka ${kafkaVersion()}: mvn ended with exit code ${exit.code}. ` +
        `Its last lines say why:\n${await maven.logTail()}`,
    );
  }
  await verifyJars(
    `${maven.folder}/jars`,
    sums,
    "Delete them from the local Maven repository (~/.m2/repository) and start again.",
  );
  await moveInto(folder, `${maven.folder}/jars`);
  await verifyJars(folder, sums);
  log(
    `Apache Kafka ${kafkaVersion()} is in ${folder} (${progress.seconds()} s).`,
  );
}

/** Another process may have finished the same download first; its folder is as good. */
async function moveInto(folder: string, from: string): Promise<void> {
  try {
    await Deno.rename(from, folder);
  } catch (error) {
    if (!await exists(folder)) throw error;
  }
}

/** Reads Maven's output and reports what has arrived, once a second. */
class DownloadProgress implements Disposable {
  #started = performance.now();
  #jars = 0;
  #megabytes = 0;
  #timer: ReturnType<typeof setInterval>;

  constructor(private sums: Sums, private log: Log) {
    log(
      `Downloading Apache Kafka ${kafkaVersion()} from Maven Central: ${sums.size} jars, ` +
        `about ${ABOUT_MB} MB, kept for the next time.`,
    );
    this.#timer = setInterval(() => this.#report(), REPORT_EVERY_MS);
  }

  /** Takes a line that Maven printed. It gets files for itself first: they count as MB only. */
  take(line: string): void {
    const match = /Downloaded from \S+ \S+\/([^/\s]+\.jar) \(([\d.]+) (B|kB|MB)/.exec(line);
    const [, name = "", size = "", unit = ""] = match ?? [];
    if (this.sums.has(name)) this.#jars++;
    this.#megabytes += Number(size) * (MEGABYTES.get(unit) ?? 0);
  }

  /** Whole seconds since the start. */
  seconds(): string {
    return ((performance.now() - this.#started) / 1000).toFixed(0);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    this.log(
      `  ${this.#jars} of ${this.sums.size} jars, ${this.#megabytes.toFixed(1)} MB in all, ` +
        `${this.seconds()} s`,
      "passing",
    );
  }
}
