// Receipts as they fill.
import { clock } from "../async/clock.ts";
import { RpcError } from "../wire/errors.ts";
import { readReceipt, readReplyMetadata, type Receipt, recordPlace } from "../wire/receipt.ts";
import type { Reply } from "./results_stream.ts";

/** A receipt, for those who fill it. Others see it as a {@linkcode Receipt}. */
export type OpenReceipt = { -readonly [Name in keyof Receipt]: Receipt[Name] };

/** What is known of an attempt before it is sent. */
const NOTHING: Omit<Receipt, "command" | "id" | "attempt"> = {
  sentAt: undefined,
  acknowledgedMs: undefined,
  totalMs: undefined,
  waitedMs: undefined,
  runMs: undefined,
  transitMs: undefined,
  arrivedAt: undefined,
  clockAheadMs: undefined,
  server: undefined,
  request: undefined,
  reply: undefined,
  metadata: Object.freeze({}),
};

export function openReceipt({ command, id }: { command: string; id: string }): OpenReceipt {
  return { command, id, attempt: 1, ...NOTHING };
}

/** An attempt is sent: what was known of an earlier one is over. */
export function sent(receipt: OpenReceipt, attempt: number): void {
  Object.assign(receipt, NOTHING, { attempt, sentAt: clock.wallTime() });
}

/** `sentAt`, here and below: when the attempt was sent, by `clock.now()`. */
export function acknowledged(receipt: OpenReceipt, sentAt: number): void {
  receipt.acknowledgedMs = clock.now() - sentAt;
}

export function answered(receipt: OpenReceipt, sentAt: number, { record, server }: Reply): void {
  receipt.server = server;
  receipt.reply = recordPlace(record);
  receipt.metadata = readReplyMetadata(record);
  const totalMs = clock.now() - sentAt;
  const said = readReceipt(record);
  const isOfLatest = said === undefined || said.attempt === receipt.attempt;
  if (isOfLatest) receipt.totalMs = totalMs;
  if (said === undefined) return;
  const { topic, partition, offset } = said;
  receipt.request = { topic, partition, offset };
  receipt.waitedMs = said.waited;
  receipt.runMs = said.run;
  receipt.arrivedAt = said.at;
  if (isOfLatest) {
    receipt.transitMs = Math.max(0, totalMs - said.waited - said.run);
    receipt.clockAheadMs = said.at - receipt.sentAt! - receipt.transitMs / 2;
    return;
  }
  // When that one was sent is not known any more.
  receipt.attempt = said.attempt;
  receipt.sentAt = undefined;
  receipt.acknowledgedMs = undefined;
}

/** Gives an error of a call its receipt; an error that a user made may be of several calls. */
export function withReceipt(error: unknown, receipt: Receipt): unknown {
  const isOfCall = error instanceof RpcError && error.stage !== undefined;
  return isOfCall && Object.isExtensible(error) ? Object.assign(error, { receipt }) : error;
}
