/**
 * What a commands module is made of.
 *
 * @module
 */
import { RpcError } from "../wire/errors.ts";

/** What {@linkcode inspectModule} finds. */
export interface ModuleGraph {
  /** Paths of every local source file. */
  readonly files: readonly string[];
  /** Whether a part of it is of npm. */
  readonly npm: boolean;
  /** Whether a part of it is of another machine: https, or jsr on one. */
  readonly remote: boolean;
  /** Whether it names a package of jsr, which the registry explains. */
  readonly jsr: boolean;
  /** Folder of Deno's cache. */
  readonly denoDir: string;
  /** Folder of the module, if it is of this machine. */
  readonly folder: string | undefined;
  /** What its bare imports mean, as the configuration around the module has it. */
  readonly importMap: {
    readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

/** The parts of the output of `deno info --json` that are used. */
interface Info {
  readonly roots?: readonly string[];
  readonly modules?: readonly Module[];
  readonly redirects?: Readonly<Record<string, string>>;
  readonly denoDir?: string;
}

interface Module {
  readonly specifier: string;
  readonly kind?: string;
  readonly error?: string;
  /** Path of what was read; a folder, a device and a file that is not there have none. */
  readonly local?: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
  }[];
}

/**
 * Asks Deno what a module imports, so that a sandbox may read exactly that.
 * Modules of other machines are fetched into the cache by the way: a sandbox
 * fetches nothing.
 *
 * @param deno The Deno executable.
 * @param module URL of the module; undefined for none.
 * @param signal Gives it up: code of other machines may take long to come.
 * @returns Its parts.
 * @throws {RpcError} `failed_precondition` where the module can't be loaded, or Deno can't be run.
 */
export async function inspectModule(
  deno: string,
  module: URL | undefined,
  signal?: AbortSignal,
): Promise<ModuleGraph> {
  const folder = module?.protocol === "file:" ? pathOf(new URL(".", module)) : undefined;
  const nothing: Info = {};
  const [{ denoDir = "" }, graph] = await Promise.all([
    info(deno, { args: [], signal }),
    module === undefined ? nothing : info(deno, { args: [module.href], cwd: folder, signal }),
  ]);
  const modules = graph.modules ?? [];
  // A dynamic import may fail when it is run; what the module needs to load must be there now.
  const root = graph.roots?.[0];
  const missing = modules.find(({ specifier, error }) => specifier === root && error !== undefined);
  if (missing !== undefined) {
    throw new RpcError(
      "failed_precondition",
      `Cannot load the commands: ${
        missing.error?.replace(/\.$/, "")
      }. Correct the module, and start ` +
        "the server again.",
    );
  }
  return {
    files: modules.flatMap(loadedFile),
    npm: modules.some(({ kind, specifier }) => kind === "npm" || specifier.startsWith("npm:")),
    remote: modules.some(({ specifier }) => /^https?:/.test(specifier)),
    jsr: Object.keys(graph.redirects ?? {}).some((specifier) => specifier.startsWith("jsr:")),
    denoDir,
    folder,
    importMap: { scopes: Object.fromEntries(modules.flatMap(bareImports)) },
  };
}

/**
 * The file of a module that Deno has read. One that it could not load is no part of the module: a
 * permission for a folder that is imported by mistake would open all of it.
 */
function loadedFile({ specifier, error, local }: Module): string[] {
  const loaded = error === undefined && local !== undefined && specifier.startsWith("file:");
  return loaded ? [pathOf(new URL(specifier))] : [];
}

/** The imports of a module that only a configuration explains, such as `@std/uuid`. */
function bareImports({ specifier, dependencies = [] }: Module): [string, Record<string, string>][] {
  const bare = dependencies.flatMap(({ specifier: written, code }) => {
    const plain = /^(\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(written);
    return plain || code?.specifier === undefined ? [] : [[written, code.specifier] as const];
  });
  return bare.length === 0 ? [] : [[specifier, Object.fromEntries(bare)]];
}

/** How Deno is asked. */
interface InfoOptions {
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function info(deno: string, { args, cwd, signal }: InfoOptions): Promise<Info> {
  signal?.throwIfAborted();
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(deno, {
      args: ["info", "--json", "--no-lock", ...args],
      stdin: "null",
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    }).output();
    signal?.throwIfAborted();
  } catch (error) {
    signal?.throwIfAborted();
    throw new RpcError(
      "failed_precondition",
      `Cannot start a sandbox: ${deno} cannot be run: ${(error as Error).message}. ` +
        "Grant --allow-run for it, or set `denoPath`.",
      { cause: error },
    );
  }
  const text = new TextDecoder();
  if (output.success) return JSON.parse(text.decode(output.stdout)) as Info;
  throw new RpcError(
    "failed_precondition",
    `Cannot load the commands: ${text.decode(output.stderr).trim()}`,
  );
}

/** The path of a file URL, as the system writes it. */
function pathOf(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1).replaceAll("/", "\\") : path;
}
