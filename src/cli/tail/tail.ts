// `tail`: calls as they happen.
import { printableLine } from "../../logging/printable.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { counted, wrap } from "../layout.ts";
import { openLog } from "../open_log.ts";
import { type SignatureCheck, signatureCheck } from "../signatures.ts";
import { FILTER_FLAGS, filterOf } from "./filter.ts";
import { CallJoin, type SeenCall } from "./join.ts";
import { callLine, headLine, layoutFor } from "./lines.ts";

const SWEEP_MS = 250;

export const tail: Command = {
  name: "tail",
  summary: "Shows calls as they happen: each request with its reply, a line each, until Ctrl-C.",
  operands: "",
  operandCount: [0, 0],
  isEndless: true,
  flags: {
    ...FILTER_FLAGS,
    since: { value: "TIME", help: "begin so long ago; default: now" },
    count: { value: "N", help: "end after so many lines" },
  },
  async run(invocation) {
    const { args, connection, output, signal } = invocation;
    const { topic, resultsTopic } = connection;
    const wanted = filterOf(args);
    const most = args.number("count") ?? Infinity;
    const since = args.duration("since");
    await using transport = await openLog(invocation);
    const { log } = transport;
    const begin = since === undefined ? "end" as const : Date.now() - since;
    const [requests, replies] = await Promise.all([
      log.offsets(topic, begin, signal),
      log.offsets(resultsTopic, begin, signal),
    ]);
    // In this order: a reply is behind its request. From now on there is nothing to catch up with.
    const endOf = async (topic: string) =>
      since === undefined ? undefined : await log.offsets(topic, "end", signal);
    const requestsEnd = await endOf(topic);
    const repliesEnd = await endOf(resultsTopic);
    let shown = 0;
    const done = Promise.withResolvers<void>();
    const layout = layoutFor(output.columns);
    const lines: string[] = [];
    const join = new CallJoin((call) => {
      if (shown >= most || !wanted(call)) return;
      shown++;
      if (output.isJson) output.value(call);
      else lines.push(callLine(layout, oneLine(call), output));
      if (shown >= most) done.resolve();
    });
    const follows = `Follows ${topic} and ${resultsTopic}. Ctrl-C ends it.`;
    for (const line of wrap(follows, output.columns)) output.note(output.paint(line, "faint"));
    if (!output.isJson) output.line(output.paint(headLine(layout), "faint"));
    const flush = () => {
      if (lines.length > 0) output.line(lines.splice(0).join("\n"));
    };
    const ticking = setInterval(() => {
      join.sweep(Date.now());
      flush();
    }, SWEEP_MS);
    const replyTaker = connection.keys.verify === undefined
      ? takenAtOnce(join)
      : checkedInOrder(await signatureCheck(connection), join);
    try {
      await using answered = log.follow({
        topic: resultsTopic,
        from: replies,
        upTo: repliesEnd,
        onRecord: replyTaker.take,
        onRefused: done.reject,
      });
      await using asked = log.follow({
        topic,
        from: requests,
        upTo: requestsEnd,
        onRecord: (record) => join.request(record, Date.now()),
        onRefused: done.reject,
      });
      void Promise.all([asked.caughtUp, answered.caughtUp]).then(() => replyTaker.settled())
        .then(() => join.caughtUp());
      signal.addEventListener("abort", () => done.resolve(), { once: true });
      if (signal.aborted) done.resolve();
      await done.promise;
    } finally {
      clearInterval(ticking);
      flush();
    }
    const { calls, dropped } = join.counts;
    const forgotten = dropped === 0 ? "" : `, ${counted(dropped, "call")} forgotten: too many wait`;
    if (!output.isJson) output.note(`${counted(calls, "call")} seen, ${shown} shown${forgotten}`);
    return EXIT.ok;
  },
};

interface ReplyTaker {
  readonly take: (record: IncomingRecord) => void;
  /** Resolves when all that was taken so far is joined. */
  readonly settled: () => Promise<void>;
}

function takenAtOnce(join: CallJoin): ReplyTaker {
  return {
    take: (record) => join.reply(record, Date.now()),
    settled: () => Promise.resolve(),
  };
}

/** Replies that clients would not take are shown, and answer nothing. */
export function checkedInOrder(check: SignatureCheck, join: CallJoin): ReplyTaker {
  let order = Promise.resolve();
  const take = (record: IncomingRecord) => {
    const checked = check("reply", record);
    order = order.then(() => checked).then((facts) => {
      if (facts?.problem === undefined) join.reply(record, Date.now());
      else join.forged(record);
    });
  };
  return { take, settled: () => order };
}

/** Names that callers chose must not break the line. */
function oneLine(call: SeenCall): SeenCall {
  const { command, code, server, id } = call;
  return {
    ...call,
    command: command && printableLine(command),
    code: printableLine(code),
    server: server && printableLine(server),
    id: printableLine(id),
  };
}
