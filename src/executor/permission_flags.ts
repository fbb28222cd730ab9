// Permissions as words of a command line, within what a command line holds.
import { RpcError } from "../wire/errors.ts";
import { PERMISSIONS, type SandboxPermissions } from "./permissions.ts";
import { foldersOf, type SurveyOptions } from "./survey.ts";

/** Most bytes of one word: Linux takes 131 072. */
const WORD_BYTES = 100_000;

/** Most bytes of all words, with room for the environment and the supervisor. */
const LINE_BYTES = Deno.build.os === "windows"
  ? 17_000 // of 32 767 characters
  : Deno.build.os === "linux"
  ? 1_500_000 // of 2 MiB, a quarter of the usual limit of the stack
  : 700_000; // of 1 MiB

/** Files above which folders take their place: Deno compares each access with each of them. */
const MANY_FILES = 200;

const utf8 = new TextEncoder();
const bytesOf = (text: string) => utf8.encode(text).length;

/**
 * Flags for what the server grants, and for `files`, which are the module's own. Rejects with
 * `failed_precondition` where a command line can't hold them.
 */
export async function permissionFlags(
  permissions: SandboxPermissions,
  files: readonly string[],
  options: SurveyOptions,
): Promise<string[]> {
  const flags: string[] = [];
  for (const kind of PERMISSIONS) {
    const granted = permissions[kind] ?? false;
    if (granted === true) {
      flags.push(`--allow-${kind}`);
      continue;
    }
    const list = granted || [];
    for (const entry of list) checkComma(entry, `\`permissions.${kind}\``);
    const own = kind === "read" ? await shorten(files, list, options) : [];
    flags.push(...words(`--allow-${kind}=`, [...list, ...own]));
  }
  const size = flags.reduce((sum, flag) => sum + bytesOf(flag) + 1, 0);
  if (size <= LINE_BYTES) return flags;
  throw new RpcError(
    "failed_precondition",
    `Cannot start a sandbox: its permissions are ${size} bytes (${files.length} files of the ` +
      `module), a command line holds ${LINE_BYTES}. Bundle the module into one file with ` +
      "`deno bundle`, or grant its folder by `permissions.read`.",
  );
}

/** Files that are not granted already; folders in their place where that opens nothing more. */
async function shorten(
  files: readonly string[],
  granted: readonly string[],
  options: SurveyOptions,
): Promise<string[]> {
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  const own = [...new Set(files)].filter((file) =>
    !granted.some((folder) => file === folder || file.startsWith(folder + separator))
  );
  const many = own.length > MANY_FILES || own.some((file) => file.includes(","));
  const shortened = many ? await foldersOf(own, options) : own;
  for (const path of shortened) checkComma(path, "the module");
  return shortened;
}

function checkComma(entry: string, where: string): void {
  if (!entry.includes(",")) return;
  throw new RpcError(
    "failed_precondition",
    `Cannot start a sandbox: ${
      JSON.stringify(entry)
    } of ${where} has a comma, where Deno's flags ` +
      "end a name. Rename it, or give a folder above it.",
  );
}

/** One flag, or several where it is too long for a word. */
function words(flag: string, entries: readonly string[]): string[] {
  const all: string[] = [];
  let word: string[] = [];
  let size = 0;
  for (const entry of entries) {
    const bytes = bytesOf(entry) + 1;
    if (size + bytes > WORD_BYTES && word.length > 0) {
      all.push(flag + word.join(","));
      word = [];
      size = 0;
    }
    word.push(entry);
    size += bytes;
  }
  return word.length === 0 ? all : [...all, flag + word.join(",")];
}
