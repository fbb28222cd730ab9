// Which files of a module's graph its commands may read.
import type { ModuleEntry, ModuleGraph } from "./module_graph.ts";

/** A file that is imported for what is in it, not to be run. */
export interface DataFile {
  readonly path: string;
  /** Folders of the files that import it. */
  readonly importers: readonly string[];
}

export interface ReadableFiles {
  /** Paths of source files. */
  readonly code: readonly string[];
  /** JSON, text, bytes, and what has no name of a source file. */
  readonly data: readonly DataFile[];
  /** Files of packages that lie in a folder `node_modules`. */
  readonly packaged: readonly string[];
  /** Packages of Deno's cache: name and version, folder. */
  readonly cached: readonly (readonly [name: string, folder: string])[];
}

/** Endings of source files. Anything else that Deno takes for a module may be a file of secrets. */
const CODE = /\.([mc]?[jt]sx?|wasm)$/i;

/**
 * Sorts the local files of a graph that Deno has really read. What it could not load is no part of
 * a module: a permission for a folder that is imported by mistake would open all of it.
 */
export function readableFiles(graph: ModuleGraph): ReadableFiles {
  const importers = importersOf(graph);
  const code: string[] = [];
  const data: DataFile[] = [];
  const packaged: string[] = [];
  for (const { specifier, kind, error, local } of graph.modules ?? []) {
    if (error !== undefined || local === undefined || !specifier.startsWith("file:")) continue;
    const path = filePath(new URL(specifier));
    if (kind === "external" && /[/\\]node_modules[/\\]/.test(path)) packaged.push(path);
    else if (isCode(path) && kind !== "external") code.push(path);
    else data.push({ path, importers: importers.get(specifier) ?? [] });
  }
  return { code, data, packaged, cached: cachedPackages(graph) };
}

/** Whether a path has the name of a source file. */
export function isCode(path: string): boolean {
  return CODE.test(path);
}

/** The path of a file URL, as the system writes it. */
export function filePath(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1).replaceAll("/", "\\") : path;
}

function importersOf({ modules = [] }: ModuleGraph): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const { specifier: importer, dependencies = [] } of modules) {
    if (!importer.startsWith("file:")) continue;
    for (const { code } of dependencies) {
      if (code?.specifier === undefined) continue;
      const known = folders.get(code.specifier) ?? [];
      folders.set(code.specifier, [...known, filePath(new URL(".", importer))]);
    }
  }
  return folders;
}

/** The packages of npm that the modules name, and those that these depend on. */
function cachedPackages(graph: ModuleGraph): [string, string][] {
  const { modules = [], npmPackages = {} } = graph;
  const found = new Map<string, string>();
  const queue = modules.flatMap(({ npmPackage }: ModuleEntry) => npmPackage ?? []);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const { localPath, dependencies = [] } = npmPackages[name] ?? {};
    if (found.has(name) || localPath === undefined) continue;
    found.set(name, localPath);
    queue.push(...dependencies);
  }
  return [...found];
}
