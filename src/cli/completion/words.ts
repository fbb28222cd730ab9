// What may stand where the cursor is.
import type { Flag, Flags } from "../arguments.ts";
import type { Command } from "../command.ts";
import { CONNECTION_FLAGS } from "../connection_flags.ts";
import { COMMON_FLAGS } from "../help.ts";

export interface Candidate {
  readonly word: string;
  /** What it is; empty where nothing is to be said. */
  readonly help: string;
}

/** Where names come from that this program does not know by itself. */
export interface NameSources {
  profiles(): readonly string[];
  /** The commands that servers offer. */
  commands(): Promise<readonly Candidate[]>;
}

/**
 * What may stand in the place of the last of the words behind the program's name. Nothing where
 * anything may, such as a file: the shell has its own words there.
 */
export async function wordsFor(
  line: readonly string[],
  commands: readonly Command[],
  sources: NameSources,
): Promise<Candidate[]> {
  const [name = "", ...rest] = line;
  const current = line.at(-1) ?? "";
  const starting = (all: readonly Candidate[]) =>
    all.filter(({ word }) => word.startsWith(current));
  if (rest.length === 0) {
    return starting(commands.map(({ name, summary }) => ({ word: name, help: summary })));
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) return [];
  const flags = { ...command.flags, ...COMMON_FLAGS, ...CONNECTION_FLAGS };
  const before = rest.slice(0, -1);
  const [, joined] = /^(--[^=]+)=/.exec(current) ?? [];
  const flag = joined ?? before.at(-1);
  const valued = valuedFlag(flag, flags);
  if (valued !== undefined) {
    const values = flag === "--profile" ? sources.profiles() : valued.words ?? [];
    return starting(plain(values.map((value) => joined ? `${joined}=${value}` : value)));
  }
  if (current.startsWith("-")) {
    return starting(
      Object.entries(flags).map(([flag, { help }]) => ({ word: `--${flag}`, help })),
    );
  }
  const operand = command.operands.split(" ")[operandsIn(before, flags)]?.replace(/[[\]…]/g, "");
  if (operand === "NAME") return starting(await sources.commands());
  return operand?.includes("|") ? starting(plain(operand.split("|"))) : [];
}

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, help: "" }));
}

/** The flag whose value the next word is. */
function valuedFlag(word: string | undefined, flags: Flags): Flag | undefined {
  if (!word?.startsWith("--")) return undefined;
  const name = word.slice(2);
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  return flag?.value === undefined ? undefined : flag;
}

function operandsIn(words: readonly string[], flags: Flags): number {
  return words.filter((word, at) =>
    !word.startsWith("-") && valuedFlag(words[at - 1], flags) === undefined
  ).length;
}
