// The flags that a Deno was started with, where they say what modules mean.

export interface FlagOptions {
  /** How many of the last words belong to the program and not to Deno. */
  readonly programArgs: number;
  /** Folder that relative paths of the flags begin at. */
  readonly cwd: string;
}

/** The flags of a Deno, in the form that another one takes. */
export interface LaunchFlags {
  /** What explains imports: configuration, import map, unstable features and the like. */
  readonly project: readonly string[];
  /** What only fetching needs: hosts, certificates. */
  readonly fetching: readonly string[];
  /** Path of the configuration; null for `--no-config`. */
  readonly config?: string | null;
  /** Path of the lock file; null for `--no-lock`. */
  readonly lock?: string | null;
  /** Whether the lock file must be complete. */
  readonly frozen?: boolean;
  /** Conditions of the exports of packages; `deno info` takes them by DENO_CONDITIONS only. */
  readonly conditions?: string;
}

/**
 * Reads a command line of Deno, the executable first, for the flags that concern modules; paths in
 * them become absolute. Self-contained, because it also travels as text.
 */
export function launchFlags(argv: readonly string[], options: FlagOptions): LaunchFlags {
  const absolute = (path: string) =>
    /^([/\\]|[A-Za-z][A-Za-z0-9+.-]*:)/.test(path) ? path : `${options.cwd}/${path}`;
  const words = argv.slice(1, argv.length - options.programArgs);
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  const project: string[] = [];
  const fetching: string[] = [];
  let config: string | null | undefined;
  let lock: string | null | undefined;
  let frozen: boolean | undefined;
  let conditions: string | undefined;
  flags.forEach((word, index) => {
    const [, name = "", value] = /^(--?[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const next = flags[index + 1];
    const given = value ?? (next === undefined || next.startsWith("-") ? undefined : next);
    switch (name) {
      case "-c":
      case "--config":
        if (given !== undefined) config = absolute(given);
        break;
      case "--no-config":
        config = null;
        break;
      case "--lock":
        lock = absolute(given ?? "deno.lock");
        break;
      case "--no-lock":
        lock = null;
        break;
      case "--frozen":
      case "--frozen-lockfile":
        frozen = value !== "false";
        break;
      case "--import-map":
        if (given !== undefined) project.push(`--import-map=${absolute(given)}`);
        break;
      case "--conditions":
        if (given !== undefined) conditions = given;
        break;
      case "--cert":
        if (given !== undefined) fetching.push(`--cert=${absolute(given)}`);
        break;
      case "--node-modules-dir":
      case "--node-modules-linker":
      case "--vendor":
        project.push(word);
        break;
      case "-I":
      case "--allow-import":
      case "--deny-import":
      case "--unsafely-ignore-certificate-errors":
        fetching.push(word);
        break;
      case "-A":
      case "--allow-all":
        fetching.push("--allow-import");
        break;
      default:
        if (name.startsWith("--unstable-")) project.push(word);
    }
  });
  return {
    project,
    fetching,
    ...(config === undefined ? {} : { config }),
    ...(lock === undefined ? {} : { lock }),
    ...(frozen === undefined ? {} : { frozen }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
