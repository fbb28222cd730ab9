// Finds out about the files of a module, in a Deno of its own.
import type { Disk } from "./disk.ts";
import type { FileFacts, FilesRequest, FoldersRequest } from "./survey.ts";

/** Looks at the files and packages of a module. Self-contained, because it travels as text. */
export function insideFiles(
  request: FilesRequest,
  { parentOf, join, ifThere, readJson }: Disk,
): Promise<FileFacts> {
  /** The folder of a package that holds a file: the last `node_modules` of its path, and a name. */
  const packageOf = (path: string) =>
    /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/s.exec(path)?.[0];

  /** Packages by their folders, with all that they depend on, as Node finds it. */
  async function packagesOf(files: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    const queue = files.flatMap((file) => packageOf(file) ?? []);
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      const real = await ifThere(Deno.realPath(path));
      if (real === undefined || found.has(real)) continue;
      found.add(path).add(real);
      const json = await readJson(join(real, "package.json")) ?? {};
      const { dependencies, optionalDependencies, peerDependencies } = json;
      const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
      for (const name of names) {
        for (let at = real, below = ""; at !== below; at = parentOf(at)) {
          below = at;
          const candidate = join(join(at, "node_modules"), name);
          if (await ifThere(Deno.stat(candidate)) === undefined) continue;
          queue.push(candidate);
          break;
        }
      }
    }
    return found;
  }

  async function lookAt(request: FilesRequest): Promise<FileFacts> {
    const links: Record<string, string> = {};
    for (const path of request.files) {
      const real = await ifThere(Deno.realPath(path));
      if (real !== undefined && real !== path) links[path] = real;
    }
    const locked = request.lock === undefined ? {} : (await readJson(request.lock))?.npm ?? {};
    const mismatches: string[] = [];
    for (const [id, folder] of request.cached) {
      const version = /^@?[^@]+@([^_]+)/.exec(id)?.[1] ?? "";
      const registry = await readJson(join(parentOf(folder), "registry.json"));
      const known = registry?.versions?.[version]?.dist?.integrity;
      const expected = locked[id]?.integrity;
      if (known && expected && known !== expected) mismatches.push(id);
    }
    return { links, packages: [...await packagesOf(request.packaged)], mismatches };
  }

  return lookAt(request);
}

/**
 * Gives folders in the place of files, where every file of the folder is one of them, and the files
 * that are left. Self-contained, because it travels as text.
 */
export async function insideFolders(
  { files }: FoldersRequest,
  { parentOf, join }: Disk,
): Promise<string[]> {
  const granted = new Set(files);
  let level = new Set(files.map(parentOf));
  while (level.size > 0) {
    const above = new Set<string>();
    for (const folder of level) {
      if (granted.has(folder)) continue;
      const names: string[] = [];
      for await (const { name } of Deno.readDir(folder)) names.push(join(folder, name));
      if (names.length === 0 || !names.every((name) => granted.has(name))) continue;
      for (const name of names) granted.delete(name);
      granted.add(folder);
      above.add(parentOf(folder));
    }
    level = above;
  }
  return [...granted];
}
