// `dlt`: dead letters, listed, shown, and sent again.
import { UNKNOWN_TOPIC } from "../../transport/kafka/error_codes.ts";
import { KafkaFailure } from "../../transport/kafka/errors.ts";
import { ProduceRetries } from "../../transport/produce_retries.ts";
import { printableLine } from "../../logging/printable.ts";
import { DEFAULT_TIMEOUT_MS } from "../../options/defaults.ts";
import { RpcError } from "../../wire/errors.ts";
import { textOf } from "../../wire/utf8.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { counted, grouped, isoTime, table } from "../layout.ts";
import { openLog } from "../open_log.ts";
import type { Output } from "../output.ts";
import { unknownName, UsageError } from "../usage_error.ts";
import { type Letter, letterOf, ownHeaders, replayOf } from "./letters.ts";

/** What is shown of a letter in a list. */
type Line = Omit<Letter, "record">;

const ACTIONS = ["ls", "show", "replay"];
const DEFAULT_COUNT = 50;

export const dlt: Command = {
  name: "dlt",
  summary:
    "Lists dead letters (unreadable requests, failed one-way calls), shows one, or sends some again.",
  operands: "ls|show|replay [PLACE…]",
  operandCount: [1, 1_000],
  flags: {
    "since": { value: "TIME", help: "only those of so long ago; default: all there are" },
    "count": { value: "N", help: "of ls: the latest so many; default: 50" },
    "all": { help: "of replay: every one that --since leaves" },
    "timeout": { value: "TIME", help: "of replay: the new deadline, from now; default: 30s" },
    "dry-run": { help: "of replay: says what would be sent" },
  },
  async run(invocation) {
    const [action = "", ...places] = invocation.args.positionals;
    if (!ACTIONS.includes(action)) throw unknownName("action of dlt", action, ACTIONS);
    if (action === "ls") {
      // Not their records: a topic may hold more than this program has memory.
      return list(await readLetters(invocation, ({ record: _, ...line }) => line), invocation);
    }
    const all = action === "replay" && invocation.args.flag("all");
    const wanted = new Set(chosenPlaces(places, all));
    const isWanted = (letter: Letter) => all || wanted.has(letter.place) ? letter : undefined;
    const chosen = inOrder(await readLetters(invocation, isWanted), places, all);
    if (action === "replay") return await replay(chosen, invocation);
    chosen.forEach((letter) => show(letter, invocation.output));
    return EXIT.ok;
  },
};

const noTopic = (topic: string) =>
  `Cannot read dead letters: there is no topic ${topic}. A server with \`deadLetters: true\` ` +
  "creates it, and so does `rpc topics create --dead-letters`.";

/** What `keep` keeps of each letter, the oldest first. */
async function readLetters<Kept extends Line>(
  invocation: Invocation,
  keep: (letter: Letter) => Kept | undefined,
): Promise<Kept[]> {
  const { args, connection, signal } = invocation;
  const since = args.duration("since");
  const { deadLetterTopic: topic } = connection;
  await using transport = await openLog(invocation);
  const begin = since === undefined ? "beginning" as const : Date.now() - since;
  const from = await transport.log.offsets(topic, begin, signal).catch((error) => {
    const { cause } = Object(error) as Error;
    throw cause instanceof KafkaFailure && cause.code === UNKNOWN_TOPIC
      ? new RpcError("not_found", noTopic(topic), { cause: error })
      : error;
  });
  const letters: Kept[] = [];
  await transport.log.scan({
    topic,
    from,
    signal,
    visit(record) {
      const kept = keep(letterOf(record));
      if (kept !== undefined) letters.push(kept);
      return undefined;
    },
  });
  return letters.sort((a, b) => a.at - b.at);
}

function list(letters: readonly Line[], { args, output }: Invocation): number {
  const shown = letters.slice(-(args.number("count") ?? DEFAULT_COUNT));
  if (output.isJson) {
    shown.forEach((line) => output.value(line));
    return EXIT.ok;
  }
  const rows = shown.map(({ place, at, from, reason, command = "-" }) =>
    [place, isoTime(at)?.slice(0, 19) ?? "-", from, command, reason].map(printableLine)
  );
  const columns = [
    { title: "place" },
    { title: "time" },
    { title: "from" },
    { title: "command" },
    { title: "reason", shrinks: true },
  ] as const;
  if (rows.length > 0) table(columns, rows, output.columns).forEach((line) => output.line(line));
  const left = letters.length - shown.length;
  output.note(
    `${counted(letters.length, "dead letter")}${left > 0 ? `, ${left} older ones not shown` : ""}`,
  );
  return EXIT.ok;
}

function chosenPlaces(places: readonly string[], all: boolean): readonly string[] {
  if (places.length > 0 || all) return places;
  throw new UsageError(
    "Cannot choose a dead letter: its place is missing. `rpc dlt ls` shows them.",
  );
}

/** Those that were chosen, in the order in which they were named. */
function inOrder(
  letters: readonly Letter[],
  places: readonly string[],
  all: boolean,
): readonly Letter[] {
  if (all) return letters;
  return places.map((place) => {
    const found = letters.find((letter) => letter.place === place);
    if (found !== undefined) return found;
    throw new RpcError(
      "not_found",
      `Cannot find the dead letter ${place}: none is there. \`rpc dlt ls\` shows them.`,
    );
  });
}

function show({ record, ...letter }: Letter, output: Output): void {
  const headers = ownHeaders(record).map(([name, bytes]) => [name, bytesText(bytes)] as const);
  const { key, value } = record;
  const [keyText, valueText] = [key, value].map((part) => part === null ? "null" : bytesText(part));
  if (output.isJson) {
    return output.value({ ...letter, headers: Object.fromEntries(headers), key, value });
  }
  const facts = [
    ["place", letter.place],
    ["time", isoTime(letter.at) ?? "-"],
    ["reason", letter.reason],
    ["from", letter.from],
    ["key", keyText!],
    ...headers.map(([name, text]) => [`header ${name}`, text] as const),
    [`value (${grouped(value?.byteLength ?? 0)} bytes)`, valueText!],
  ] as const;
  for (const [name, text] of facts) {
    output.line(`${output.paint(printableLine(name).padEnd(24), "faint")} ${output.paint(text)}`);
  }
}

/** Text where it is text, else bytes in hexadecimal digits. */
function bytesText(bytes: Uint8Array): string {
  return textOf(bytes) ?? `0x${bytes.toHex()}`;
}

async function replay(letters: readonly Letter[], invocation: Invocation): Promise<number> {
  const { args, connection: { topic }, output, signal } = invocation;
  const deadline = Date.now() + (args.duration("timeout") ?? DEFAULT_TIMEOUT_MS);
  await using transport = await openLog(invocation);
  using sending = new ProduceRetries(transport, { background: false });
  let failed = 0;
  for (const letter of letters) {
    const replayed = replayOf(letter, { topic, deadline });
    const { place, from } = letter;
    const isRefused = "refused" in replayed;
    const isSent = !isRefused && !args.flag("dry-run");
    if (isSent) await sending.produce(replayed.record, { signal });
    if (isRefused) failed++;
    const says = isRefused
      ? `not sent: ${replayed.refused}`
      : `${isSent ? "sent" : "would be sent"} to ${topic}`;
    if (output.isJson) output.value({ place, from, sent: isSent, says });
    else output.line(`${isRefused ? "✘" : "✔"} ${place} ${output.paint(says)}`);
  }
  return failed === 0 ? EXIT.ok : EXIT.failed;
}
