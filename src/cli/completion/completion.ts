// `completion`: what shells complete.
import { type Arguments, parseArguments } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { CONNECTION_FLAGS, PROFILE_FLAGS } from "../connection_flags.ts";
import { profileNames, profilesFile } from "../profiles.ts";
import { unknownName } from "../usage_error.ts";
import { SCRIPTS } from "./scripts.ts";
import { wordsFor } from "./words.ts";

/** The command that completes these and itself. */
export function completionOf(others: readonly Command[]): Command {
  const completion: Command = {
    name: "completion",
    summary: "Prints the script that lets a shell complete commands, flags, profiles and names.",
    operands: "bash|zsh|fish",
    operandCount: [1, 1_000],
    flags: {},
    run(invocation) {
      const [shell = "", ...line] = invocation.args.positionals;
      if (shell === "words") {
        return Promise.resolve(writeWords(line, [...others, completion], invocation));
      }
      const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
      if (script === undefined) throw unknownName("completion for", shell, Object.keys(SCRIPTS));
      if (invocation.output.isJson) invocation.output.value({ shell, script });
      else invocation.output.line(script);
      return Promise.resolve(EXIT.ok);
    },
  };
  return completion;
}

/** For the scripts: what the last of the words may be, one a line with what it is. */
function writeWords(
  line: readonly string[],
  commands: readonly Command[],
  { output }: Invocation,
): number {
  const environment = new Map(Object.entries(Deno.env.toObject()));
  const given = connectionArguments(line);
  const found = wordsFor(line, commands, {
    profiles: () => profileNames(profilesFile(given, environment)),
  });
  for (const { word, help } of found) output.line(help === "" ? word : `${word}\t${help}`);
  return EXIT.ok;
}

/** What the line says of the connection, whatever else stands there unfinished. */
function connectionArguments(line: readonly string[]): Arguments {
  const flags = { ...CONNECTION_FLAGS, ...PROFILE_FLAGS };
  const known = line.flatMap((word, at) => {
    const name = word.startsWith("--") ? word.slice(2) : "";
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) return [];
    const value = line[at + 1];
    if (flag.value === undefined) return [word];
    return value === undefined ? [] : [`${word}=${value}`];
  });
  return parseArguments(known, flags);
}
