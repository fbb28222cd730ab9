// What members of a consumer group send each other through its coordinator: which topics they want,
// and which partitions they get. Version 0, which every client reads; later versions only add fields
// behind those that are read here. Clients in any language write it, so nothing in it is believed.
// See https://cwiki.apache.org/confluence/display/KAFKA/Kafka+Client-side+Assignment+Proposal
import { textOf, utf8 } from "../../../wire/utf8.ts";
import { BoundedReader } from "../bounded_reader.ts";
import { ByteWriter } from "../byte_writer.ts";

/** Partitions by topic. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/** Stands in front of the name of a member of this package: others write what they like there. */
const NAME = "kafka-rpc-server:";

/** Encodes the topics that a member wants: `version topics userData`, the latter being its name. */
export function encodeSubscription(topics: readonly string[], name?: string): Uint8Array {
  const writer = new ByteWriter().int16(0);
  writer.array(topics, (topic) => writer.string(topic));
  return writer.bytes(utf8(name === undefined ? "" : NAME + name)).written;
}

/** Reads the name of a member; undefined where it says none. */
export function decodeName(bytes: Uint8Array): string | undefined {
  try {
    const reader = new BoundedReader(bytes);
    reader.int16();
    reader.array(() => reader.string());
    const userData = textOf(reader.bytes());
    return userData?.startsWith(NAME) ? userData.slice(NAME.length) : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads the topics that a member wants. */
export function decodeSubscription(bytes: Uint8Array): string[] {
  const reader = new BoundedReader(bytes);
  reader.int16();
  return reader.array(() => reader.string());
}

/** Encodes the partitions that a member gets: `version [topic [partition]] userData`. */
export function encodeAssignment(assignment: Assignment): Uint8Array {
  const writer = new ByteWriter().int16(0);
  writer.array([...assignment], ([topic, partitions]) => {
    writer.string(topic).array(partitions, (partition) => writer.int32(partition));
  });
  const noUserData = 0;
  return writer.int32(noUserData).written;
}

/** Reads the partitions of this member; none where the leader has nothing for it. */
export function decodeAssignment(bytes: Uint8Array): Assignment {
  if (bytes.byteLength === 0) return new Map();
  const reader = new BoundedReader(bytes);
  reader.int16();
  return new Map(reader.array(() => [reader.string(), reader.array(() => reader.int32())]));
}
