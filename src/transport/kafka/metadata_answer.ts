// Answers about topics, as all versions before the "flexible" layout have them.
// See https://kafka.apache.org/protocol#The_Messages_Metadata
import type { BoundedReader } from "./bounded_reader.ts";
import type { BrokerAddress, Item } from "./port.ts";

export interface MetadataAnswer {
  readonly throttleMs: number;
  readonly brokers: readonly (BrokerAddress & { readonly nodeId: number })[];
  readonly clusterId: string | undefined;
  readonly controllerId: number;
  readonly topics: readonly TopicAnswer[];
}

export interface TopicAnswer extends Item {
  readonly topic: string;
  readonly partitions: readonly PartitionAnswer[];
  /** What this program may do with it, a bit an operation; undefined before version 8. */
  readonly operationBits: number | undefined;
}

export interface PartitionAnswer extends Item {
  readonly partition: number;
  /** −1: none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

export function metadataIn(reader: BoundedReader, version: number): MetadataAnswer {
  const throttleMs = reader.int32();
  const brokers = reader.array(() => {
    const broker = { nodeId: reader.int32(), host: reader.string(), port: reader.int32() };
    reader.nullableString(); // Rack.
    return broker;
  });
  const clusterId = reader.nullableString();
  const controllerId = reader.int32();
  const topics = reader.array(() => topicIn(reader, version));
  if (version >= 8) reader.skip(4); // Rights on the cluster.
  return { throttleMs, brokers, clusterId, controllerId, topics };
}

function topicIn(reader: BoundedReader, version: number): TopicAnswer {
  const error = reader.int16();
  const topic = reader.string();
  reader.skip(1); // Whether it is internal.
  const partitions = reader.array(() => {
    const error = reader.int16();
    const partition = reader.int32();
    const leader = reader.int32();
    if (version >= 7) reader.skip(4); // Epoch of the leader.
    const replicas = reader.array(() => reader.int32());
    const inSync = reader.array(() => reader.int32());
    if (version >= 5) reader.array(() => reader.int32()); // Those offline.
    return { error, partition, leader, replicas, inSync };
  });
  const operationBits = version >= 8 ? reader.int32() : undefined;
  return { error, topic, partitions, operationBits };
}
