// Asks a Deno of its own about the files around a module. A server needs no
// permission to read for it, only the one to run Deno.
import { denoOutput } from "./deno_output.ts";
import { createDisk } from "./inside/disk.ts";
import { insideFiles, insideFolders } from "./inside/files.ts";
import { insideFind } from "./inside/find.ts";
import {
  type FileFacts,
  type FilesRequest,
  type FindRequest,
  type FoldersRequest,
  type ProjectFacts,
  type SurveyRequest,
  surveySource,
} from "./inside/survey.ts";
import { launchFlags } from "./inside/launch_flags.ts";

export interface SurveyOptions {
  readonly deno: string;
  readonly signal?: AbortSignal | undefined;
}

/** Finds the configuration that explains the imports of a module. */
export function findProject(
  where: Pick<FindRequest, "folder" | "module" | "denoDir">,
  options: SurveyOptions,
): Promise<ProjectFacts> {
  const request: FindRequest = { ...where, task: "find", programArgs: Deno.args.length };
  return ask(request, options);
}

/** Finds out where files really are, and which folders the packages of a module lie in. */
export function lookAtFiles(
  request: Omit<FilesRequest, "task">,
  options: SurveyOptions,
): Promise<FileFacts> {
  return ask({ ...request, task: "files" } satisfies FilesRequest, options);
}

/** Gives folders in the place of files, where every file of the folder is one of them. */
export function foldersOf(files: readonly string[], options: SurveyOptions): Promise<string[]> {
  return ask({ task: "folders", files } satisfies FoldersRequest, options);
}

async function ask<T>(request: SurveyRequest, { deno, signal }: SurveyOptions): Promise<T> {
  const parts = { createDisk, insideFind, insideFiles, insideFolders, launchFlags };
  const source = `data:text/javascript,${encodeURIComponent(surveySource(parts))}`;
  const output = await denoOutput(deno, {
    args: ["run", "--no-prompt", "--no-config", "--no-lock", "--quiet", "--allow-all", source],
    input: JSON.stringify(request),
    signal,
  });
  return JSON.parse(output) as T;
}
