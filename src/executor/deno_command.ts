// How a child process is started: flags, environment, folder.
import { RpcError } from "../wire/errors.ts";
import { inheritedDescriptors } from "./inherited_descriptors.ts";
import { supervisorSource } from "./inside/supervisor.ts";
import { permissionFlags } from "./permission_flags.ts";
import type { SandboxPermissions } from "./permissions.ts";
import { inspectModule, type Project } from "./project.ts";

const utf8 = new TextEncoder();

export interface ChildCommand {
  readonly deno: string;
  readonly args: readonly string[];
  /** Its environment, whole: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** Descriptors of this program that it must not inherit. */
  readonly descriptors: readonly number[];
}

export interface ChildOptions {
  /** Undefined for `eval`. */
  readonly module?: URL | undefined;
  readonly codecs?: readonly URL[] | undefined;
  readonly permissions: SandboxPermissions;
  /** Most mebibytes of V8's heap. */
  readonly memoryMb: number;
  /** Default: the one that runs this program. */
  readonly denoPath?: string | undefined;
  /** Aborts the inspection of the module. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds out how a child is started so that its commands can do what they need and nothing else.
 * Rejects with `failed_precondition` where there is no Deno to run it, or the module can't be
 * loaded; with `permission_denied` for variables that this program may not read.
 */
export async function childCommand(options: ChildOptions): Promise<ChildCommand> {
  const { module, permissions, memoryMb } = options;
  const deno = options.denoPath ?? executable();
  const parts = [
    inspectModule(module, {
      deno,
      codecs: options.codecs,
      signal: options.signal,
      granted: permissions.read,
      variables: permissions.env,
    }),
    inheritedDescriptors(deno, options.signal),
  ] as const;
  await Promise.allSettled(parts); // where one has failed, the child of the other still runs
  const [project, descriptors] = await Promise.all(parts);
  const flags = [
    "--no-prompt",
    "--cached-only",
    // Other programs of this user run what lies in it, and Node's layer writes to any descriptor.
    "--no-code-cache",
    "--quiet",
    `--v8-flags=--max-old-space-size=${memoryMb}${module ? "" : realmFlags(memoryMb)}`,
    ...project.flags,
  ];
  const granted = await permissionFlags(permissions, project.readable, {
    deno,
    signal: options.signal,
  });
  const main = `data:text/javascript;base64,${utf8.encode(compact(supervisorSource())).toBase64()}`;
  return {
    deno,
    args: ["run", ...flags, ...granted, main],
    env: {
      ...grantedVariables(permissions.env ?? false),
      ...neededVariables(project),
      DENO_DIR: cacheFolder(deno, module, project),
      NO_COLOR: "1",
      // navigator.gpu loads the drivers of the host otherwise, which write into the caches of its user.
      DENO_WEBGPU_BACKEND: "noop",
    },
    // An expression has no folder of its own, and need not know the server's.
    cwd: project.folder ?? (Deno.build.os === "windows" ? undefined : "/"),
    descriptors,
  };
}

/** V8's options for expressions, of which each leaves its realm behind: a fifth of a megabyte. */
function realmFlags(memoryMb: number): string {
  return [
    "",
    // V8 finds an expression the slower in its cache the more realms had the same: 0.4 to 1.7 ms.
    "--no-compilation-cache",
    // Garbage is collected after 35 MB instead of 15, and at once instead of in steps: it takes 10 ms
    // each 130 expressions, a seventh less processor time for each, and 25 MB more for a child.
    "--no-incremental-marking",
    `--initial-heap-size=${Math.min(32, Math.floor(memoryMb / 8))}`,
  ].join();
}

/** Takes comments and indents out of a source: a command line of Windows holds little. */
function compact(source: string): string {
  return source.replace(/\/\*\*[^]*?\*\/|^ *\/\/.*$/gm, "").replace(/\n\s*/g, "\n");
}

/**
 * Deno's cache for a module: its parts from other machines are found there, and its TypeScript as
 * it was last compiled. An expression gets a folder that cannot be: Cache Storage writes into the
 * cache without any permission, also from a worker of a worker, and what one expression wrote the
 * next one could read.
 */
function cacheFolder(deno: string, module: URL | undefined, { denoDir }: Project): string {
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  return module === undefined ? `${deno}${separator}no-cache` : denoDir;
}

function executable(): string {
  const path = Deno.execPath();
  if (/(^|[/\\])deno(\.exe)?$/i.test(path)) return path;
  throw new RpcError(
    "failed_precondition",
    `Cannot start a sandbox: ${path} runs this program, and it is not Deno (a compiled program?). ` +
      'Set `denoPath` to a Deno executable, or use `isolation: "worker"` for code that you trust.',
  );
}

/**
 * The variables that commands may read, as this program has them: a child inherits nothing. Not
 * those of OpenTelemetry: Deno itself sends telemetry where they say, without any permission.
 */
function grantedVariables(granted: boolean | readonly string[]): Record<string, string> {
  try {
    const names = granted === true ? ["*"] : granted || [];
    return Object.fromEntries(
      names.flatMap((name) => {
        // As in --allow-env: all that begin so.
        return name.endsWith("*") ? variablesFrom(name.slice(0, -1)) : variable(name);
      }).filter(([name]) => !name.startsWith("OTEL_")),
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new RpcError(
      "permission_denied",
      "Cannot grant `permissions.env`: this program may not read these variables itself. Start it " +
        "with --allow-env for them.",
      { cause: error },
    );
  }
}

/**
 * What a child needs of this program's environment: other registries than the
 * public ones, where its module uses one, and what Windows starts no program
 * without. Deno names a registry in its errors, so no password goes with it:
 * all that a child asks it for lies in Deno's cache, under its host and path.
 */
function neededVariables({ jsr, npm }: Project): Record<string, string> {
  const registries = [...(jsr ? ["JSR_URL"] : []), ...(npm ? ["NPM_CONFIG_REGISTRY"] : [])];
  return Object.fromEntries([
    ...registries.flatMap(readable).map(([name, url]) => [name, withoutPassword(url)]),
    ...(Deno.build.os === "windows" ? readable("SystemRoot") : []),
  ]);
}

function withoutPassword(registry: string): string {
  if (!URL.canParse(registry)) return registry;
  const url = new URL(registry);
  url.username = "";
  url.password = "";
  return url.href;
}

/** A variable, if this program may read it: one that may not did not get its registry from it. */
function readable(name: string): [string, string][] {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? variable(name) : [];
}

function variablesFrom(start: string): [string, string][] {
  return Object.entries(Deno.env.toObject()).filter(([name]) => name.startsWith(start));
}

function variable(name: string): [string, string][] {
  const value = Deno.env.get(name);
  return value === undefined ? [] : [[name, value]];
}
