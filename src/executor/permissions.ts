// What sandboxed commands may do.
import { type Check, listOf, refuse, show, text } from "../options/check.ts";
import { type Schema, shape } from "../options/shape.ts";

/** What sandboxed commands may do, as Deno's own permission object; nothing where it is empty. */
export interface SandboxPermissions {
  /** Hosts to reach: `true` for all, or `host:port`. */
  readonly net?: boolean | readonly string[] | undefined;
  /** Environment variables to read; the child gets those, as the server has them. */
  readonly env?: boolean | readonly string[] | undefined;
  /** Files and folders to read. The commands' own source files can be read always. */
  readonly read?: boolean | readonly string[] | undefined;
  /** Files and folders to write. */
  readonly write?: boolean | readonly string[] | undefined;
  /** Facts about the system. */
  readonly sys?: boolean | readonly string[] | undefined;
  /** Programs to run: with any of them a command can do what the server can. */
  readonly run?: boolean | readonly string[] | undefined;
  /** Native libraries to load: with any of them a command can do what the server can. */
  readonly ffi?: boolean | readonly string[] | undefined;
}

const listOfTexts = listOf(text, '["prices.example:443"]');

const granted: Check<boolean | string[]> = (value, name) => {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) return listOfTexts(value, name);
  return refuse(name, `it is ${show(value)}`, "Give true, or a list of strings.");
};

const SCHEMA: Schema<SandboxPermissions> = {
  net: granted,
  env: granted,
  read: granted,
  write: granted,
  sys: granted,
  run: granted,
  ffi: granted,
};

export const PERMISSIONS = Object.keys(SCHEMA) as (keyof SandboxPermissions)[];

export const sandboxPermissions = shape(SCHEMA, { example: '{ net: ["prices.example:443"] }' });
