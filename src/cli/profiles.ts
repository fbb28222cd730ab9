// Named profiles: a JSON file of objects whose names are those of the flags.
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { kindOf } from "../options/check.ts";
import { type Arguments, type Flags, parseArguments } from "./arguments.ts";
import { unknownName, UsageError } from "./usage_error.ts";

/** The file that profiles are in. */
export function profilesFile(args: Arguments, environment: ReadonlyMap<string, string>): string {
  const given = args.text("profiles") ?? environment.get("KAFKA_RPC_PROFILES");
  if (given !== undefined) return given;
  const home = environment.get("HOME") ?? environment.get("USERPROFILE") ?? ".";
  const folder = environment.get("XDG_CONFIG_HOME") || `${home}/.config`;
  return `${folder}/kafka-rpc/profiles.json`;
}

/** Names of the profiles there are; none where the file is not there. */
export function profileNames(file: string): string[] {
  return existsSync(file) ? Object.keys(readProfiles(file)) : [];
}

/** Gives a profile as if it stood on the command line; paths are relative to its file. */
export function profileArguments(file: string, name: string, flags: Flags): Arguments {
  const profiles = readProfiles(file);
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined) throw unknownName(`profile in ${file}`, name, Object.keys(profiles));
  const where = `profile ${JSON.stringify(name)} in ${file}`;
  if (typeof profile !== "object" || profile === null || Array.isArray(profile)) {
    throw new UsageError(`Cannot use the ${where}: it is ${kindOf(profile)}. Give an object.`);
  }
  const args = Object.entries(profile).flatMap(([key, value]) => {
    const flag = Object.hasOwn(flags, key) ? flags[key]! : undefined;
    if (flag === undefined) {
      throw unknownName(`setting in the ${where} called`, key, Object.keys(flags));
    }
    if (flag.value === undefined) return flagOf(key, value, where);
    const list = Array.isArray(value) ? value : [value];
    if (!list.every((one) => typeof one === "string" || typeof one === "number")) {
      throw new UsageError(
        `Cannot use ${key} of the ${where}: it is ${kindOf(value)}. Give a string.`,
      );
    }
    const text = list.join(",");
    const isPath = flag.value === "FILE" && !isAbsolute(text);
    return [`--${key}=${isPath ? join(dirname(file), text) : text}`];
  });
  return parseArguments(args, flags);
}

function flagOf(key: string, value: unknown, where: string): string[] {
  if (typeof value === "boolean") return value ? [`--${key}`] : [];
  throw new UsageError(
    `Cannot use ${key} of the ${where}: it is ${kindOf(value)}. Give true or false.`,
  );
}

function readProfiles(file: string): Record<string, unknown> {
  try {
    const profiles = JSON.parse(Deno.readTextFileSync(file));
    if (typeof profiles === "object" && profiles !== null) return profiles;
    throw new SyntaxError(`it is ${kindOf(profiles)}`);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, "");
    const example = '{ "prod": { "brokers": ["kafka:9092"], "tls": true } }';
    throw new UsageError(`Cannot read profiles from ${file}: ${reason}. Give JSON like ${example}`);
  }
}
