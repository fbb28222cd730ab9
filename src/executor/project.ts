// A commands module with all that explains it: its parts, the configuration
// around it, the packages that it uses.
import { RpcError } from "../wire/errors.ts";
import { denoOutput } from "./deno_output.ts";
import type { ProjectFacts } from "./inside/survey.ts";
import { type ModuleGraph, moduleGraph } from "./module_graph.ts";
import { filePath, isCode, readableFiles } from "./readable_files.ts";
import { findProject, lookAtFiles, type SurveyOptions } from "./survey.ts";

export interface Project {
  /** Files and folders that its commands may read: what it is made of, and its packages. */
  readonly readable: readonly string[];
  /** Flags of a child, so that imports mean what they mean in the project. */
  readonly flags: readonly string[];
  /** Whether a part of it is of npm's registry. */
  readonly npm: boolean;
  /** Whether it names a package of jsr, which the registry explains. */
  readonly jsr: boolean;
  readonly denoDir: string;
  /** Folder of the module, if it is of this machine. */
  readonly folder: string | undefined;
}

export interface InspectOptions extends SurveyOptions {
  /** Modules that are loaded beside it, and understood as parts of its project. */
  readonly codecs?: readonly URL[] | undefined;
  /** What the commands may read besides: folders outside of the project that links lead to. */
  readonly granted?: boolean | readonly string[] | undefined;
  /** Variables of the environment that the commands may read. */
  readonly variables?: boolean | readonly string[] | undefined;
}

/** No install script runs because a server starts: no package has this name. */
const NO_SCRIPTS = "--allow-scripts=npm:no-install-scripts@0.0.0";

/** Modules above which they are compiled before the first child starts. */
const LARGE_MODULES = 200;

/** Flags that keep a child from everything that is not of this machine and its module. */
const ALONE = ["--no-config", "--no-lock", "--no-remote", "--no-npm"];

/**
 * Finds out what a module is made of, so that a sandbox may read exactly that and understands its
 * imports as `deno run` does. Rejects with `failed_precondition` where the module can't be loaded,
 * or Deno can't be run.
 *
 * Packages and modules of other machines are fetched into Deno's cache by the way, and checked
 * against the lock file: a sandbox fetches nothing.
 */
export async function inspectModule(
  module: URL | undefined,
  options: InspectOptions,
): Promise<Project> {
  const { deno, signal } = options;
  const info = await denoOutput(deno, { args: ["info", "--json", "--no-config"], signal });
  const { denoDir } = JSON.parse(info) as { denoDir: string };
  if (module === undefined) {
    return { readable: [], flags: ALONE, npm: false, jsr: false, denoDir, folder: undefined };
  }
  const folder = folderOf(module);
  const found = await findProject({ folder, module: module.href, denoDir }, options);
  checkLinks(found, options.granted ?? false);
  checkVariables(found, options.variables ?? false);
  const flags = projectFlags(found);
  const frozen = found.frozen ? ["--frozen"] : [];
  const { conditions } = found.flags;
  const env: Record<string, string> = conditions === undefined
    ? {}
    : { DENO_CONDITIONS: conditions };
  const fetching = {
    cwd: folder,
    signal,
    env,
    flags: [...flags, ...frozen, ...found.flags.fetching],
  };
  const modules = [module, ...options.codecs ?? []];
  const graphs: ModuleGraph[] = [];
  // One after the other: each completes the same lock file, and the last writer would win.
  for (const one of modules) {
    const part = one === module ? "commands" : "codecs";
    graphs.push(await moduleGraph(deno, one, { ...fetching, part }));
  }
  const graph = merged(graphs);
  const npm = (graph.modules ?? []).some(({ npmPackage }) => npmPackage !== undefined);
  // Packages are fetched whole. And Deno compiles a large module here: a child with a permission for
  // each file takes half a gigabyte for it, seen with 1 500 files, where 40 MB are enough to load them.
  if (npm || (graph.modules ?? []).length > LARGE_MODULES) {
    const args = [
      "cache",
      "--quiet",
      NO_SCRIPTS,
      ...fetching.flags,
      ...modules.map(({ href }) => href),
    ];
    await denoOutput(deno, { args, cwd: folder, env, signal });
  }
  const jsr = Object.keys(graph.redirects ?? {}).some((specifier) => specifier.startsWith("jsr:"));
  const remote = (graph.modules ?? []).some(({ specifier }) => /^https?:/.test(specifier));
  return {
    readable: await readable(graph, { found, folder, options }),
    flags: [
      ...flags,
      ...(conditions === undefined ? [] : [`--conditions=${conditions}`]),
      NO_SCRIPTS,
      // It is complete now, and nothing is added to it any more.
      ...(found.lock === undefined || !(npm || jsr || remote) ? [] : ["--frozen"]),
      ...(remote ? [] : ["--no-remote"]),
      ...(npm || found.packageJson ? [] : ["--no-npm"]),
    ],
    npm,
    jsr,
    denoDir,
    folder,
  };
}

/** The graph of several roots, of which `deno info` takes one at a time. */
function merged(graphs: readonly ModuleGraph[]): ModuleGraph {
  const all = graphs.flatMap(({ modules = [] }) => modules);
  return {
    // What several of them import counts once.
    modules: [...new Map(all.map((module) => [module.specifier, module])).values()],
    redirects: Object.assign({}, ...graphs.map(({ redirects }) => redirects)),
    npmPackages: Object.assign({}, ...graphs.map(({ npmPackages }) => npmPackages)),
  };
}

/** Flags that give another Deno the project's configuration. */
function projectFlags({ flags, config, packageJson, lock }: ProjectFacts): string[] {
  return [
    config === undefined ? "--no-config" : `--config=${config}`,
    // Without a configuration of Deno's, packages are those that lie in node_modules.
    ...(config === undefined && packageJson ? ["--node-modules-dir=manual"] : []),
    lock === undefined ? "--no-lock" : `--lock=${lock}`,
    ...flags.project,
  ];
}

function checkLinks({ leaving }: ProjectFacts, granted: boolean | readonly string[]): void {
  if (granted === true) return;
  const outside = leaving.find(([, target]) =>
    !(granted || []).some((folder) => target === folder || isInside(target, folder))
  );
  if (outside === undefined) return;
  const [link, target] = outside;
  throw new RpcError(
    "failed_precondition",
    `Cannot start a sandbox: ${link} leads out of the project, and Deno lets every module read what ` +
      `lies there. Install a copy, or grant it: \`permissions: { read: [${
        JSON.stringify(target)
      }] }\`.`,
  );
}

/** Deno sends their values to the registry that the project's own file names. */
function checkVariables(
  { npmVariables }: ProjectFacts,
  granted: boolean | readonly string[],
): void {
  if (granted === true) return;
  const isGranted = (name: string) =>
    (granted || []).some((one) =>
      // As in --allow-env: all that begin so.
      one === name || one.endsWith("*") && name.startsWith(one.slice(0, -1))
    );
  const wanted = npmVariables.find((name) => !isGranted(name));
  if (wanted === undefined) return;
  throw new RpcError(
    "failed_precondition",
    `Cannot start a sandbox: .npmrc of the project names the variable ${JSON.stringify(wanted)}, ` +
      "whose value would go to a registry that the project chooses. Take it out, put it into " +
      `.npmrc of the home folder, or grant it: \`permissions: { env: [${
        JSON.stringify(wanted)
      }] }\`.`,
  );
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.replace(/[/\\]?$/, folder.includes("\\") ? "\\" : "/"));
}

interface Around {
  readonly found: ProjectFacts;
  readonly folder: string | undefined;
  readonly options: SurveyOptions;
}

/** The files and folders that a module may read. */
async function readable(graph: ModuleGraph, around: Around): Promise<string[]> {
  const { found: { root, lock, lockSource }, folder, options } = around;
  const { code, data, packaged, cached } = readableFiles(graph);
  const facts = await lookAtFiles({
    files: [...code, ...data.map(({ path }) => path)],
    packaged,
    cached,
    lock,
  }, options);
  const [mismatch] = facts.mismatches;
  if (mismatch !== undefined) {
    throw new RpcError(
      "failed_precondition",
      `Cannot load the commands: ${lockSource} has another hash for npm:${mismatch} than its registry. ` +
        "Find out which of them is right before you start the server again.",
    );
  }
  const home = root ?? folder;
  const real = (path: string) => facts.links[path] ?? path;
  return [
    ...code.filter((path) =>
      isCode(real(path)) || home !== undefined && isInside(real(path), home)
    ),
    ...data.filter(({ path, importers }) =>
      [home, ...importers].some((folder) => folder !== undefined && isInside(real(path), folder))
    ).map(({ path }) => path),
    ...facts.packages.filter((path) => home !== undefined && isPackageOf(home, path)),
    ...cached.map(([, path]) => path),
  ];
}

/** Whether a package lies in a project, or in the node_modules of a folder above it. */
function isPackageOf(home: string, path: string): boolean {
  const [above = path] = /^.*?(?=[/\\]node_modules[/\\])/s.exec(path) ?? [];
  return isInside(path, home) || above === "" || isInside(home, above);
}

function folderOf(module: URL): string | undefined {
  return module.protocol === "file:" ? filePath(new URL(".", module)) : undefined;
}
