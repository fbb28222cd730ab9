/**
 * Records of one call, as the topics have them.
 *
 * @module
 */
import type { IncomingRecord } from "../../src/wire/record.ts";
import { recordOf } from "../wire/record_of.ts";

/** An id whose time is 2024-01-01T00:00:00.000Z. */
export const ID = "018cc251-f400-7000-8000-000000000000";
/** That time, in Unix milliseconds. */
export const AT = 1_704_067_200_000;

/** The request of a call of `add`, with a deadline after 30 s. */
export function request(headers: Record<string, string> = {}, offset = 7n): IncomingRecord {
  const own = { "rpc-version": "1", "rpc-command": "add", "rpc-deadline": String(AT + 30_000) };
  return {
    ...recordOf({ key: ID, value: "{}", headers: { ...own, ...headers } }),
    topic: "commands",
    partition: 2,
    offset,
    timestamp: AT,
  };
}

/** Its reply, after 12 ms. */
export function reply(headers: Record<string, string> = {}): IncomingRecord {
  const own = { "rpc-version": "1", "rpc-status": "ok", "rpc-server": "server-1" };
  return {
    ...recordOf({ key: ID, value: "3", headers: { ...own, ...headers } }),
    topic: "commands_results",
    partition: 1,
    offset: 9n,
    timestamp: AT + 12,
  };
}
