// Finds the configuration of a project, in a Deno of its own.
import type { Disk } from "./disk.ts";
import type { FindRequest, ProjectFacts } from "./survey.ts";
import type { launchFlags } from "./launch_flags.ts";

/**
 * Finds what explains the imports of a module: the nearest configuration, as `deno run` finds it,
 * and the workspace that it belongs to. Self-contained, because it travels as text.
 *
 * @see https://docs.deno.com/runtime/fundamentals/configuration/
 */
export function insideFind(
  request: FindRequest,
  { separator, parentOf, join, ifThere, isFile, readJson }: Disk,
  readFlags: typeof launchFlags,
): Promise<ProjectFacts> {
  const MOST_LOCK_BYTES = 64 * 1024 * 1024;

  async function configIn(folder: string): Promise<string | undefined> {
    for (const name of ["deno.json", "deno.jsonc"]) {
      if (await isFile(join(folder, name))) return join(folder, name);
    }
    return undefined;
  }

  /** Whether a folder is a member of the workspace of a folder above it. */
  async function isMember(folder: string, above: string): Promise<boolean> {
    const config = await configIn(above);
    const { workspace } = (config === undefined ? undefined : await readJson(config)) ?? {};
    const { workspaces } = await readJson(join(above, "package.json")) ?? {};
    const patterns = [workspace?.members ?? workspace, workspaces?.packages ?? workspaces].flat();
    const path = folder.slice(above.length).replaceAll("\\", "/").replace(/^\//, "");
    return patterns.some((pattern) => {
      if (typeof pattern !== "string") return false;
      const plain = pattern.replace(/^\.\//, "").replace(/\/$/, "");
      const source = plain.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replaceAll("**", "\0")
        .replaceAll("*", "[^/]*").replaceAll("\0", ".*");
      return new RegExp(`^${source}$`).test(path);
    });
  }

  /** The folder whose workspace a folder belongs to, or the folder itself. */
  async function workspaceOf(folder: string): Promise<string> {
    for (let above = parentOf(folder), below = folder; above !== below; above = parentOf(above)) {
      if (await isMember(folder, above)) return above;
      below = above;
    }
    return folder;
  }

  async function discover(start: string): Promise<{ config?: string; root?: string }> {
    for (let folder = start, below = ""; folder !== below; folder = parentOf(folder)) {
      below = folder;
      const config = await configIn(folder);
      if (config !== undefined) return { config, root: await workspaceOf(folder) };
      if (await isFile(join(folder, "package.json"))) {
        const root = await workspaceOf(folder);
        const above = root === folder ? undefined : await configIn(root);
        return { root, ...(above === undefined ? {} : { config: above }) };
      }
      if (parentOf(folder) === folder) break;
    }
    return {};
  }

  async function commandLine(): Promise<string[]> {
    if (Deno.build.os !== "linux") return [];
    const text = await ifThere(Deno.readTextFile(`/proc/${Deno.ppid}/cmdline`));
    return text?.split("\0").slice(0, -1) ?? [];
  }

  /**
   * Links that lead out of the project. Where packages lie in node_modules, Deno lets their users
   * read by `require()` whatever is below a folder of that name, a link's target as well.
   */
  async function* linksOut(
    folder: string,
    root: string,
    below = false,
  ): AsyncGenerator<[string, string]> {
    // A folder that this user may not read is closed to the sandbox as well.
    const entries = await ifThere(Array.fromAsync(Deno.readDir(folder))) ?? [];
    for (const { name, isDirectory, isSymlink } of entries) {
      const path = join(folder, name);
      const within = below || name === "node_modules";
      if (isDirectory) yield* linksOut(path, root, within);
      if (!isSymlink || !within) continue;
      const target = await ifThere(Deno.realPath(path));
      if (target !== undefined && !(target + separator).startsWith(join(root, ""))) {
        yield [path, target];
      }
    }
  }

  async function readLock(lock: string): Promise<string> {
    const { size } = await Deno.stat(lock);
    if (size > MOST_LOCK_BYTES) throw new Error(`${lock} is no lock file: it has ${size} bytes`);
    return await Deno.readTextFile(lock);
  }

  /** The folders from one up to another above it. */
  function upTo(root: string | undefined, from: string | undefined): string[] {
    if (root === undefined || from === undefined || !join(from, "").startsWith(join(root, ""))) {
      return [];
    }
    return from === root || parentOf(from) === from
      ? [from]
      : [from, ...upTo(root, parentOf(from))];
  }

  /** Variables that the configuration of npm's registries names: Deno puts their values in. */
  async function npmVariables(folders: ReadonlySet<string>): Promise<string[]> {
    const texts = await Promise.all([...folders].map(async (folder) => {
      const path = join(folder, ".npmrc");
      return await isFile(path) ? await ifThere(Deno.readTextFile(path)) ?? "" : "";
    }));
    return texts.flatMap((text) => [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name!));
  }

  /**
   * Copies a lock file into Deno's cache, under a name that tells its content: what Deno adds to
   * the copy is the same at the next start, and gone when the project's own file changes.
   */
  async function copyLock(lock: string): Promise<string> {
    const text = await isFile(lock) ? await ifThere(readLock(lock)) : undefined;
    const content = new TextEncoder().encode(`${request.module}\n${lock}\n${text}`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    const folder = join(request.denoDir, "kafka_rpc_locks");
    const path = join(folder, `${digest.toHex()}.json`);
    if (text !== undefined && await isFile(path)) return path;
    await Deno.mkdir(folder, { recursive: true });
    const whole = join(folder, `${crypto.randomUUID()}.new`);
    // The file itself may be closed to other users of this machine.
    await Deno.writeTextFile(whole, text ?? '{"version":"5"}', { mode: 0o600 });
    await Deno.rename(whole, path); // other servers may read it: it is whole at any moment
    return path;
  }

  async function find({ folder, programArgs }: FindRequest): Promise<ProjectFacts> {
    const cwd = Deno.cwd();
    const flags = readFlags(await commandLine(), { programArgs, cwd });
    const own = flags.config === null ? {} : await discover(folder ?? cwd);
    const given = typeof flags.config === "string" ? parentOf(flags.config) : undefined;
    // A configuration by flag is that of the server's project. Another project has its own.
    const foreign = given !== undefined && own.config !== undefined &&
      !(join(folder ?? cwd, "")).startsWith(join(given, ""));
    const found = given === undefined || foreign
      ? own
      : { config: flags.config!, root: await workspaceOf(given) };
    const { config, root } = found;
    const base = root === undefined ? undefined : await configIn(root);
    const { lock, nodeModulesDir } = (base === undefined ? undefined : await readJson(base)) ?? {};
    const named = typeof lock === "string" ? lock : lock?.path;
    const file = typeof named === "string" ? named : "deno.lock";
    const byDefault = root === undefined || lock === false
      ? undefined
      : /^([/\\]|[A-Za-z]:)/.test(file)
      ? file
      : join(root, file.replace(/^\.\//, ""));
    const lockFlag = foreign ? undefined : flags.lock;
    const lockSource = lockFlag === null ? undefined : lockFlag ?? byDefault;
    const homes = [root, config && parentOf(config)].flatMap((home) => home ?? []);
    const manifests = await Promise.all(homes.map((home) => isFile(join(home, "package.json"))));
    const packageJson = root !== undefined && config === undefined || manifests.includes(true);
    const manual = nodeModulesDir === "manual" || packageJson && nodeModulesDir === undefined ||
      flags.project.includes("--node-modules-dir=manual");
    const leaving: [string, string][] = [];
    if (manual && root !== undefined) {
      const real = await Deno.realPath(root);
      for await (const link of linksOut(root, real)) leaving.push(link);
    }
    return {
      flags,
      config,
      root,
      leaving,
      packageJson,
      npmVariables: await npmVariables(new Set([...homes, ...upTo(root, folder)])),
      lock: lockSource === undefined ? undefined : await copyLock(lockSource),
      lockSource,
      frozen: flags.frozen ?? lock?.frozen === true,
    };
  }

  return find(request);
}
