// What a module is made of, as `deno info` lists it.
import { RpcError } from "../wire/errors.ts";
import { type DenoOptions, denoOutput } from "./deno_output.ts";
import type { LoadedPart } from "./inside/messages.ts";

/** The parts of the output of `deno info --json` that are used. */
export interface ModuleGraph {
  readonly roots?: readonly string[];
  readonly modules?: readonly ModuleEntry[];
  readonly redirects?: Readonly<Record<string, string>>;
  readonly npmPackages?: Readonly<Record<string, NpmPackage>>;
}

export interface ModuleEntry {
  readonly specifier: string;
  readonly kind?: string;
  readonly error?: string;
  /** Path of what was read; a folder, a device and a file that is not there have none. */
  readonly local?: string;
  /** Key of its package in the graph. */
  readonly npmPackage?: string;
  readonly dependencies?: readonly Dependency[];
}

/** One import, as it is written. */
export interface Dependency {
  readonly specifier: string;
  readonly isDynamic?: boolean;
  /** What is loaded when it runs; types are not. */
  readonly code?: {
    readonly specifier?: string;
    readonly error?: string;
    readonly span?: { readonly start: { readonly line: number; readonly character: number } };
  };
}

export interface NpmPackage {
  readonly dependencies: readonly string[];
  readonly localPath?: string;
}

export type GraphOptions = Omit<DenoOptions, "args"> & {
  /** Flags that explain its imports. */
  readonly flags: readonly string[];
  /** What the module is. */
  readonly part: LoadedPart;
};

/**
 * Asks Deno which modules a module names, also those that can't be loaded. Modules of other
 * machines are fetched into the cache: a sandbox fetches nothing. Rejects with
 * `failed_precondition` where the module, or one that it needs, can't be loaded.
 */
export async function moduleGraph(
  deno: string,
  module: URL,
  { flags, ...options }: GraphOptions,
): Promise<ModuleGraph> {
  const args = ["info", "--json", ...flags, module.href];
  const graph = JSON.parse(await denoOutput(deno, { ...options, args })) as ModuleGraph;
  const problem = staticProblem(graph);
  if (problem === undefined) return graph;
  throw new RpcError(
    "failed_precondition",
    `Cannot load the ${options.part}: ${problem}. Correct the module, and start the server again.`,
  );
}

interface Step {
  readonly entry: ModuleEntry;
  /** The place of the import that led here first, as `file:line:column`. */
  readonly from?: string;
}

/** The modules that are loaded with the root, not by an `import()` that runs later. */
function* walk({ roots = [], modules = [], redirects = {} }: ModuleGraph): Generator<Step> {
  const bySpecifier = new Map(modules.map((entry) => [entry.specifier, entry]));
  const seen = new Set<string>();
  const queue: { specifier: string; from?: string }[] = roots.map((specifier) => ({ specifier }));
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    let { specifier } = step;
    while (redirects[specifier] !== undefined && redirects[specifier] !== specifier) {
      specifier = redirects[specifier]!;
    }
    const entry = bySpecifier.get(specifier);
    if (entry === undefined || seen.has(specifier)) continue;
    seen.add(specifier);
    yield { entry, ...(step.from === undefined ? {} : { from: step.from }) };
    for (const { isDynamic, code } of entry.dependencies ?? []) {
      if (isDynamic || code?.specifier === undefined) continue;
      queue.push({ specifier: code.specifier, from: placeOf(entry, code) });
    }
  }
}

/** What keeps a module from being loaded; undefined where only an `import()` may fail later. */
function staticProblem(graph: ModuleGraph): string | undefined {
  for (const { entry, from } of walk(graph)) {
    const broken = (entry.dependencies ?? []).find(({ isDynamic, code }) =>
      !isDynamic && code?.error !== undefined
    );
    const [text, place] = broken === undefined
      ? [entry.error, from]
      : [broken.code!.error, placeOf(entry, broken.code!)];
    if (text === undefined) continue;
    const reason = text.replace(/\.$/, "");
    return place === undefined || /:\d+:\d+$/.test(reason) ? reason : `${reason}, at ${place}`;
  }
  return undefined;
}

function placeOf({ specifier }: ModuleEntry, { span }: NonNullable<Dependency["code"]>): string {
  return span === undefined
    ? specifier
    : `${specifier}:${span.start.line + 1}:${span.start.character + 1}`;
}
