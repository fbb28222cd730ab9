// `serve`: a module of commands, served from the command line.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { stderrLogger } from "../logging/logger.ts";
import { serve } from "../server/server.ts";
import type { Arguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { UsageError } from "./usage_error.ts";

const ISOLATIONS = ["process", "worker"] as const;

export const serveFile: Command = {
  name: "serve",
  summary: "Serves the exported functions of a module, in child processes without permissions.",
  operands: "FILE",
  operandCount: [1, 1],
  isEndless: true,
  flags: {
    "isolation": { value: "KIND", words: ISOLATIONS, help: "process or worker; default: process" },
    "allow-net": { value: "HOST:PORT,…", help: "hosts that the commands may reach" },
    "allow-read": { value: "PATH,…", help: "files and folders that they may read" },
    "allow-env": { value: "NAME,…", help: "variables that they get" },
    "concurrency": { value: "N", help: "commands that run at a time" },
    "evaluate": { help: "also evaluate expressions, for everyone who may write to the topic" },
    "dead-letters": { help: "keep unreadable requests and failed one-way calls on TOPIC-dlt" },
  },
  async run({ args, connection, output, signal }) {
    const [file = ""] = args.positionals;
    const { options, topic, resultsTopic, group, keys } = connection;
    const isolation = args.oneOf("isolation", ISOLATIONS);
    await using server = await serve({
      ...options,
      ...keys,
      // Its log is all that is to be seen of a server.
      ...(args.text("log") === undefined && { logger: stderrLogger("info") }),
      topic,
      resultsTopic,
      group,
      commands: moduleUrl(file),
      ...(isolation !== undefined && { isolation }),
      ...(isolation !== "worker" && { permissions: permissionsOf(args) }),
      evaluate: args.flag("evaluate"),
      deadLetters: args.flag("dead-letters"),
      concurrency: args.number("concurrency", { to: 10_000 }),
      signal,
    });
    const { commands } = server;
    if (output.isJson) output.value({ state: "serving", topic, group, commands });
    else output.line(`Serves ${commands.join(", ")} on ${topic}. Ctrl-C ends it.`);
    await server.finished;
    return EXIT.ok;
  },
};

function moduleUrl(file: string): URL {
  const path = resolve(file);
  try {
    if (Deno.statSync(path).isFile) return pathToFileURL(path);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, "");
    throw new UsageError(`Cannot serve ${file}: ${reason}. Give the path of a module.`);
  }
  throw new UsageError(`Cannot serve ${file}: it is no file. Give the path of a module.`);
}

function permissionsOf(args: Arguments): Record<string, string[]> {
  return Object.fromEntries(
    ["net", "read", "env"].flatMap((name) => {
      const list = args.text(`allow-${name}`)?.split(",").filter(Boolean);
      return list === undefined ? [] : [[name, list]];
    }),
  );
}
