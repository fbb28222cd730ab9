// `trace`: where is a call?
import { ClusterAdmin } from "../../transport/kafka/admin/cluster_admin.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { grouped } from "../layout.ts";
import { openLog } from "../open_log.ts";
import type { Output } from "../output.ts";
import { timeOfId } from "../record_text.ts";
import { type SignatureCheck, signatureCheck } from "../signatures.ts";
import { findCall } from "./find.ts";
import { writeVerdict } from "./report.ts";
import { type Standing, verdictOf } from "./verdict.ts";

const DEFAULT_SINCE_MS = 3_600_000;
const DEFAULT_LIMIT = 1_000_000;
const ASK_MS = 2_000;

export const trace: Command = {
  name: "trace",
  summary: "Says where a call is: its request, who has it, what is before it, its reply.",
  operands: "ID",
  operandCount: [1, 1],
  flags: {
    since: {
      value: "TIME",
      help: "how far to look back for an id that is no UUID of version 7; default: 1h",
    },
    limit: { value: "N", help: "most records to read of a topic; default: 1000000" },
  },
  async run(invocation) {
    const { args, connection, output, signal } = invocation;
    const [id = ""] = args.positionals;
    const sinceMs = Date.now() - (args.duration("since") ?? DEFAULT_SINCE_MS);
    const limit = args.number("limit") ?? DEFAULT_LIMIT;
    await using transport = await openLog(invocation);
    const onProgress = progress(output, timeOfId(id) === undefined);
    const check = await signatureCheck(connection);
    const everyReply = connection.keys.verify !== undefined;
    const options = { sinceMs, limit, everyReply, signal, onProgress };
    const found = await findCall(transport.log, id, connection, options);
    const [first] = found.requests;
    const standing = first && await standingOf(first, invocation);
    const now = Date.now();
    const request = first && await check("request", first);
    const reply = await replyThatCounts(found.replies, check);
    const verdict = verdictOf(id, found, { standing, now, request, ...(reply && { reply }) });
    if (output.isJson) output.value(verdict);
    else writeVerdict(verdict, output, now);
    return verdict.state === "not found" ? EXIT.failed : EXIT.ok;
  },
};

/** The first that clients take; else the first. */
async function replyThatCounts(replies: readonly IncomingRecord[], check: SignatureCheck) {
  const all = await Promise.all(replies.map(async (record) => {
    return { record, signature: await check("reply", record) };
  }));
  return all.find(({ signature }) => signature?.problem === undefined) ?? all[0];
}

/** Lines on standard error, where people look at them. `isScan`: the id does not say its time. */
export function progress(output: Output, isScan: boolean): (topic: string, read: number) => void {
  return (topic, read) => {
    if (isScan && output.isTerminal) output.note(`… ${grouped(read)} records of ${topic}`);
  };
}

/** Undefined where the group may not be asked. */
async function standingOf(
  { topic, partition }: IncomingRecord,
  { connection, signal }: Invocation,
): Promise<Standing | undefined> {
  using admin = new ClusterAdmin(connection.options);
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  try {
    const [described, committed] = await Promise.all([
      admin.group(connection.group, within),
      admin.committed(connection.group, { topic, partitions: [partition] }, within),
    ]);
    const { members } = described;
    const member = members.find((one) => one.assignment.get(topic)?.includes(partition));
    return { committed: committed.get(partition), member, members: members.length };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error) return undefined; // the rest of the answer does not need it
    throw error;
  }
}
