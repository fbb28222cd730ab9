// Texts of TLS and SASL that are in files.
import type { FromFile, SaslOptions, TlsOptions } from "../connection_options.ts";
import { ConnectionFailed } from "./port.ts";

/** Options of TLS without files. */
export interface TlsTexts extends TlsOptions {
  readonly ca?: string | string[] | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
}

type WithPassword = Extract<SaslOptions, { readonly password: unknown }>;

/** Credentials without files. */
export type SaslTexts =
  | Exclude<SaslOptions, WithPassword>
  | (WithPassword & { readonly password: string });

function isFromFile(value: unknown): value is FromFile {
  return typeof value === "object" && value !== null && "file" in value;
}

/** The files that options name. */
export function filesOf(...options: readonly (object | boolean | undefined)[]): FromFile["file"][] {
  return options.flatMap((one) => Object.values(Object(one)).flat())
    .filter(isFromFile).map(({ file }) => file);
}

/** Puts the content in the place of each file. `name`: of the options, for the text of an error. */
export function withContents<T extends object, Options extends object>(
  options: Options,
  name: string,
): T {
  const content = (value: unknown, field: string): unknown =>
    isFromFile(value) ? contentOf(value.file, `${name}.${field}`) : value;
  return Object.fromEntries(
    Object.entries(options).map(([field, value]) => [
      field,
      Array.isArray(value)
        ? value.map((one, at) => content(one, `${field}[${at}]`))
        : content(value, field),
    ]),
  ) as T;
}

/**
 * Synchronous: a certificate and its key are read in one go, and nothing that is closed meanwhile
 * leaves a read behind. They are small, and asked for as seldom as connections are opened.
 */
function contentOf(file: string | URL, name: string): string {
  let content: string;
  try {
    content = Deno.readTextFileSync(file);
  } catch (cause) {
    const { message } = cause as Error;
    if (cause instanceof Deno.errors.NotCapable) {
      throw new ConnectionFailed("permission", message, { cause });
    }
    throw new ConnectionFailed("credentials", `\`${name}\`: ${message}`, { cause });
  }
  // As editors and `echo` leave it there; PEM does not mind.
  const text = content.replace(/\r?\n$/, "");
  if (text !== "") return text;
  throw new ConnectionFailed("credentials", `\`${name}\`: the file ${file} is empty`);
}

/**
 * Changes when one of the files does. Kubernetes replaces a link that leads to all of them: what
 * counts is the file behind it.
 */
export function stampOf(files: readonly FromFile["file"][]): string {
  return files.map((file) => {
    try {
      const { ino, mtime, size } = Deno.statSync(file);
      return `${ino} ${mtime?.getTime()} ${size}`;
    } catch (error) {
      return (error as Error).name; // reading it will say why
    }
  }).join();
}
