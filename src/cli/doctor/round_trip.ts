// A call to a server where one listens; else a record to oneself.
import { connect } from "../../client/client.ts";
import { RpcError } from "../../wire/errors.ts";
import { isText, utf8 } from "../../wire/utf8.ts";
import type { Receipt } from "../../wire/receipt.ts";
import { writeReply } from "../../wire/reply.ts";
import { openTransport } from "../../transport/open.ts";
import { partitionOf } from "../../transport/murmur2.ts";
import { clientOptions } from "../call_options.ts";
import type { Connection } from "../connection.ts";
import { duration } from "../layout.ts";
import { adviceOf } from "./brokers.ts";
import type { Check } from "./check.ts";

/** A command that no server has: the answer that it is not there comes all the way. */
const PROBE = "rpc-doctor";
const CALL_MS = 2_000;
/** A clock that differs more moves deadlines noticeably. */
const SKEW_MS = 1_000;

/** Calls, and compares the clocks by the receipt. */
export async function callServer(connection: Connection, signal: AbortSignal): Promise<Check[]> {
  let receipt: Receipt | undefined;
  try {
    await using client = await connect(clientOptions(connection, signal));
    const onReceipt = (one: Receipt) => void (receipt = one);
    await client.call(PROBE, null, { timeoutMs: CALL_MS, signal, onReceipt });
  } catch (error) {
    signal.throwIfAborted();
    const answered = error instanceof RpcError && error.stage === "remote";
    if (!answered) {
      const [says, advice] = adviceOf((error as Error).message);
      return [{ name: "a call", status: "failed", says, advice }];
    }
  }
  const server = receipt?.server === undefined ? "a server" : `server ${receipt.server}`;
  const took = receipt?.totalMs === undefined ? "" : ` in ${duration(receipt.totalMs)}`;
  return [
    { name: "a call", status: "ok", says: `${server} answered${took}` },
    checkClock(receipt),
  ];
}

function checkClock(receipt: Receipt | undefined): Check {
  const name = "clocks";
  const ahead = receipt?.clockAheadMs;
  if (ahead === undefined) {
    return { name, status: "skipped", says: "the server says nothing of its clock" };
  }
  const error = duration((receipt?.transitMs ?? 0) / 2);
  const side = ahead < 0 ? "behind" : "ahead";
  const says = `the server's is ${duration(Math.abs(ahead))} ${side}, ± ${error}`;
  if (Math.abs(ahead) <= SKEW_MS) return { name, status: "ok", says };
  const advice = "Set the clocks of all machines by NTP: deadlines are times of day.";
  return { name, status: "warning", says, advice };
}

/** Writes a reply that nobody waits for, and reads it back. */
export async function writeAndRead(connection: Connection, signal: AbortSignal): Promise<Check> {
  const { resultsTopic, options } = connection;
  const name = "a record to oneself";
  try {
    await using transport = await openTransport({ ...options, createTopics: false }, {
      topics: [[resultsTopic, "results"]],
      background: false,
      signal,
    });
    const id = crypto.randomUUID();
    const key = utf8(id);
    const count = await transport.partitionsOf(resultsTopic, { signal, timeoutMs: CALL_MS });
    const arrived = Promise.withResolvers<void>();
    await using _reading = await transport.read({
      topic: resultsTopic,
      partition: partitionOf(key, count),
      onRecord: (record) => {
        if (record.key !== null && isText(record.key, id)) arrived.resolve();
      },
      signal,
      timeoutMs: CALL_MS,
    });
    const began = performance.now();
    const output = { bytes: utf8("null"), contentType: "application/json" };
    const reply = writeReply({ topic: resultsTopic, key, id }, { ok: true, output }, {
      server: PROBE,
    });
    await transport.produce(reply, signal);
    const late = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
    await Promise.race([
      arrived.promise,
      new Promise((_, reject) =>
        late.addEventListener("abort", () => reject(new Error(`it did not come in ${CALL_MS} ms`)))
      ),
    ]);
    const says = `over ${resultsTopic} in ${duration(performance.now() - began)}`;
    return { name, status: "ok", says };
  } catch (error) {
    signal.throwIfAborted();
    const [says, advice] = adviceOf((error as Error).message);
    const forbidden = error instanceof RpcError && error.code === "permission_denied";
    return { name, status: forbidden ? "skipped" : "failed", says, advice };
  }
}
