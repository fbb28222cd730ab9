/**
 * Records as kafkajs has them, and as this package has them.
 *
 * @module
 */
import type { Message } from "kafkajs";
import { Buffer } from "node:buffer";
import type { IncomingRecord, OutgoingRecord } from "../wire/record.ts";
import type { FetchedMessage } from "./kafkajs_private.ts";

/**
 * Turns a fetched message into a record.
 *
 * @param topic Its topic.
 * @param partition Its partition.
 * @param message The message.
 * @returns The record.
 */
export function incoming(
  topic: string,
  partition: number,
  message: FetchedMessage,
): IncomingRecord {
  const headers = new Map<string, Uint8Array>();
  for (const [name, values] of Object.entries(message.headers ?? {})) {
    const value = Array.isArray(values) ? values.at(-1) : values;
    if (value === undefined || value === null) continue;
    headers.set(name, typeof value === "string" ? Buffer.from(value) : value);
  }
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers,
  };
}

/**
 * Turns a record into a message to produce.
 *
 * @param record The record.
 * @returns The message.
 */
export function outgoing(record: OutgoingRecord): Message {
  const { key, value, headers, partition } = record;
  const named = Object.entries(headers).map(([name, header]) => {
    return [name, typeof header === "string" ? header : asBuffer(header)] as const;
  });
  const message: Message = {
    key: key && asBuffer(key),
    value: value && asBuffer(value),
    headers: Object.fromEntries(named),
  };
  if (partition !== undefined) message.partition = partition;
  return message;
}

/** A view, not a copy: kafkajs wants a Buffer and only reads it. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    bytes.byteLength,
  );
}
