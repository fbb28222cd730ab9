// `completion`: what shells complete.
import { connect } from "../../client/client.ts";
import { printableLine } from "../../logging/printable.ts";
import { type Arguments, parseArguments } from "../arguments.ts";
import { clientOptions } from "../call_options.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { type Connection, connectionOf } from "../connection.ts";
import { CONNECTION_FLAGS, PROFILE_FLAGS } from "../connection_flags.ts";
import { profileNames, profilesFile } from "../profiles.ts";
import { unknownName } from "../usage_error.ts";
import { offersOf } from "../servers/ls.ts";
import { SCRIPTS } from "./scripts.ts";
import { type Candidate, wordsFor } from "./words.ts";

/** The command that completes these and itself. */
export function completionOf(others: readonly Command[]): Command {
  const completion: Command = {
    name: "completion",
    summary: "Prints the script that lets a shell complete commands, flags, profiles and names.",
    operands: "bash|zsh|fish",
    operandCount: [1, 1_000],
    flags: {},
    async run(invocation) {
      const [shell = "", ...line] = invocation.args.positionals;
      if (shell === "words") {
        return await writeWords(line, [...others, completion], invocation);
      }
      const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
      if (script === undefined) throw unknownName("completion for", shell, Object.keys(SCRIPTS));
      if (invocation.output.isJson) invocation.output.value({ shell, script });
      else invocation.output.line(script);
      return EXIT.ok;
    },
  };
  return completion;
}

/** So long servers are asked for names: the shell waits for it. */
const ASK_MS = 1_000;

/** For the scripts: what the last of the words may be, one a line with what it is. */
async function writeWords(
  line: readonly string[],
  commands: readonly Command[],
  { output, signal }: Invocation,
): Promise<number> {
  const environment = new Map(Object.entries(Deno.env.toObject()));
  const given = connectionArguments(line);
  const found = await wordsFor(line, commands, {
    profiles: () => profileNames(profilesFile(given, environment)),
    commands: () => offeredCommands(connectionOf(given, environment), signal),
  });
  for (const { word, help } of found) output.line(help === "" ? word : `${word}\t${help}`);
  return EXIT.ok;
}

async function offeredCommands(connection: Connection, signal: AbortSignal): Promise<Candidate[]> {
  await using client = await connect(clientOptions(connection, signal));
  const found = await client.servers({ detail: "info", timeoutMs: ASK_MS, signal });
  return offersOf(found).map(({ name, infos: [info] }) => {
    return { word: printableLine(name), help: printableLine(info?.summary ?? "") };
  });
}

/** What the line says of the connection, whatever else stands there unfinished. */
function connectionArguments(line: readonly string[]): Arguments {
  const flags = { ...CONNECTION_FLAGS, ...PROFILE_FLAGS };
  const known = line.flatMap((word, at) => {
    const [, name = "", joined] = /^--([^=]+)(=.+)?$/s.exec(word) ?? [];
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) return [];
    const value = line[at + 1];
    if (flag.value === undefined || joined !== undefined) return [word];
    return value === undefined ? [] : [`${word}=${value}`];
  });
  return parseArguments(known, flags);
}
