// `asyncapi`: the document of a contract.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { asyncApi, type DescribedCommands, jsonSchemas } from "../contract/asyncapi.ts";
import { type Contract, contract } from "../contract/contract.ts";
import type { Command, Invocation } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { unknownName, UsageError } from "./usage_error.ts";

export const asyncapi: Command = {
  name: "asyncapi",
  summary: "Prints the AsyncAPI 3.1 document of a module of contracts or commands. It is imported.",
  operands: "FILE",
  operandCount: [1, 1],
  flags: {
    "export": { value: "NAME", help: "the contract, where the module exports several" },
    "title": { value: "TEXT", help: "title of the service; default: --topic" },
    "service-version": { value: "TEXT", help: "version of the service; default: 0.0.0" },
    "description": { value: "TEXT", help: "what the service is for; default: none" },
  },
  async run({ args, connection, output }: Invocation) {
    const [file = ""] = args.positionals;
    const described = describedIn(await importFile(file), file, args.text("export"));
    const { topic, options: { brokers = [] } } = connection;
    const { document, warnings } = asyncApi(described, {
      title: args.text("title") ?? topic,
      version: args.text("service-version") ?? "0.0.0",
      description: args.text("description"),
      topic,
      servers: Object.fromEntries(brokers.map((address, at) => [`broker-${at + 1}`, address])),
    });
    if (output.isJson) output.value(document);
    else output.line(JSON.stringify(document, undefined, 2));
    for (const warning of warnings) output.note(output.paint(warning, "yellow"));
    return EXIT.ok;
  },
};

/** Runs with the permissions of this program: it is the user's own file. */
async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    const reason = String(error).replace(/\.$/, "");
    const advice = "Correct it, or give the path of another module.";
    throw new UsageError(`Cannot import ${file}: ${reason}. ${advice}`);
  }
}

/** What carries contracts: the commands of the module, or a contract that it exports. */
function describedIn(
  module: Readonly<Record<string, unknown>>,
  file: string,
  name: string | undefined,
): DescribedCommands {
  const contracts = Object.keys(module).filter((one) => isContract(module[one]));
  if (name !== undefined) {
    if (contracts.includes(name)) return module[name] as DescribedCommands;
    if (contracts.length > 0) throw unknownName(`contract in ${file} called`, name, contracts);
  }
  const functions = Object.entries(module).filter(([, value]) => typeof value === "function");
  const commands: DescribedCommands = Object.fromEntries(functions);
  if (name === undefined && Object.keys(jsonSchemas(commands).commands).length > 0) return commands;
  const [only, ...others] = contracts;
  if (only === undefined) {
    throw new UsageError(
      `Cannot describe ${file}: it has no contract. Export what contract() returns, or commands ` +
        "that command() gives.",
    );
  }
  if (others.length === 0) return module[only] as DescribedCommands;
  throw new UsageError(
    `Cannot describe ${file}: it has the contracts ${contracts.join(", ")}. Choose by --export.`,
  );
}

function isContract(value: unknown): value is Contract {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return false;
  try {
    contract<Contract>(value as Contract);
    return true;
  } catch {
    return false; // modules export other things too
  }
}
