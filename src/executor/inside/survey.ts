// What a server without any permission to read cannot see of a project: a
// Deno of its own looks at it, and says what it found. No code of the project
// runs there.
import type { createDisk } from "./disk.ts";
import type { insideFiles, insideFolders } from "./files.ts";
import type { insideFind } from "./find.ts";
import type { LaunchFlags, launchFlags } from "./launch_flags.ts";
import { textOf } from "./program.ts";

export interface FindRequest {
  readonly task: "find";
  /** Folder of the module; undefined for one of no folder: the server's own then. */
  readonly folder: string | undefined;
  /** How many of the last words of the server's command line are the program's. */
  readonly programArgs: number;
  /** Its URL. */
  readonly module: string;
  readonly denoDir: string;
}

/** What explains the imports of a module. */
export interface ProjectFacts {
  /** Flags that the server was started with; none where the system does not show them. */
  readonly flags: LaunchFlags;
  /** Path of the configuration; undefined where there is none. */
  readonly config: string | undefined;
  /** Whether there is a package.json, in the folder of the configuration or instead of it. */
  readonly packageJson: boolean;
  /** Topmost folder of the project. */
  readonly root: string | undefined;
  /** Links below a node_modules of the project that lead out of it, and where they lead. */
  readonly leaving: readonly (readonly [link: string, target: string])[];
  /** Variables of the environment that a `.npmrc` of the project names. */
  readonly npmVariables: readonly string[];
  /**
   * Path of a copy of the lock file; undefined where the project has none. Deno completes a lock
   * file and takes out what a module does not need: that must not happen to the project's own.
   */
  readonly lock: string | undefined;
  /** Path of the lock file itself. */
  readonly lockSource: string | undefined;
  /** Whether a lock file that is not complete is refused. */
  readonly frozen: boolean;
}

export interface FilesRequest {
  readonly task: "files";
  /** Source files and data, to be resolved. */
  readonly files: readonly string[];
  /** Files of packages in a folder `node_modules`. */
  readonly packaged: readonly string[];
  /** Names and versions of packages, and where each lies in Deno's cache. */
  readonly cached: readonly (readonly [name: string, folder: string])[];
  /** Path of the copy of the lock file. */
  readonly lock: string | undefined;
}

export interface FileFacts {
  /** Where each file really is, by its path, if that is elsewhere. */
  readonly links: Readonly<Record<string, string>>;
  /** Folders of the packages, and of those that they depend on. */
  readonly packages: readonly string[];
  /** Packages whose hash in the lock file is another one than the registry's. */
  readonly mismatches: readonly string[];
}

export interface FoldersRequest {
  readonly task: "folders";
  readonly files: readonly string[];
}

export type SurveyRequest = FindRequest | FilesRequest | FoldersRequest;

/** The functions that a survey consists of; they travel as text. */
export interface SurveyParts {
  readonly createDisk: typeof createDisk;
  readonly insideFind: typeof insideFind;
  readonly insideFiles: typeof insideFiles;
  readonly insideFolders: typeof insideFolders;
  readonly launchFlags: typeof launchFlags;
}

/**
 * Source of a program that answers one question, JSON on its standard input, by JSON on its
 * standard output. It is small enough for a command line.
 */
export function surveySource(parts: SurveyParts): string {
  return `(${insideSurvey})(${textOf(parts)});`;
}

/** Runs in a Deno of its own. It sees its parameter and the globals, nothing of this file. */
async function insideSurvey(parts: SurveyParts): Promise<void> {
  const request = JSON.parse(await new Response(Deno.stdin.readable).text()) as SurveyRequest;
  const disk = parts.createDisk();
  const facts = request.task === "find"
    ? await parts.insideFind(request, disk, parts.launchFlags)
    : request.task === "files"
    ? await parts.insideFiles(request, disk)
    : await parts.insideFolders(request, disk);
  const bytes = new TextEncoder().encode(JSON.stringify(facts));
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
