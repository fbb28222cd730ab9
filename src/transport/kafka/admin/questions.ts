// What an operator asks a cluster, and calls never do. Versions: the last ones before "flexible"
// layouts, and those before them that a broker since Kafka 0.11 has.
// See https://kafka.apache.org/protocol#protocol_messages
import { ByteWriter } from "../byte_writer.ts";
import { type Assignment, decodeAssignment } from "../group/consumer_protocol.ts";
import type { Question } from "../library_connection.ts";
import { type MetadataAnswer, metadataIn, type TopicAnswer } from "../metadata_answer.ts";
import type { Item } from "../port.ts";
import { type Operation, operationsIn } from "../operations.ts";

export interface ClusterDescription extends Pick<MetadataAnswer, "brokers" | "controllerId"> {
  readonly topics: readonly TopicDescription[];
}

export interface TopicDescription extends Pick<TopicAnswer, "error" | "topic" | "partitions"> {
  /** What this program may do with it; undefined where the broker is older than Kafka 2.3. */
  readonly operations: readonly Operation[] | undefined;
}

/** Asks about topics by name; nothing is created. */
export function describeTopics(topics: readonly string[]): Question<ClusterDescription> {
  return {
    name: "Metadata",
    key: 3,
    versions: [4, 8],
    encode(version) {
      const writer = new ByteWriter();
      writer.array(topics, (topic) => writer.string(topic)).boolean(false);
      if (version >= 8) writer.boolean(false).boolean(true);
      return writer.written;
    },
    decode(reader, version) {
      const { brokers, controllerId, topics } = metadataIn(reader, version);
      return { brokers, controllerId, topics: topics.map(described) };
    },
  };
}

function described({ operationBits, partitions, ...topic }: TopicAnswer): TopicDescription {
  return {
    ...topic,
    partitions: partitions.toSorted((a, b) => a.partition - b.partition),
    operations: operationsIn(operationBits),
  };
}

export interface TopicSettings extends Item {
  readonly topic: string;
  /** Every setting as it is in force, with those of the broker where the topic has none. */
  readonly settings: ReadonlyMap<string, string>;
}

const TOPIC_RESOURCE = 2;

export function describeSettings(topics: readonly string[]): Question<readonly TopicSettings[]> {
  return {
    name: "DescribeConfigs",
    key: 32,
    versions: [1, 2],
    encode() {
      const writer = new ByteWriter();
      const allOfThem = -1;
      writer.array(topics, (topic) => writer.int8(TOPIC_RESOURCE).string(topic).int32(allOfThem));
      return writer.boolean(false).written;
    },
    decode(reader) {
      reader.skip(4); // Throttle.
      return reader.array(() => {
        const error = reader.int16();
        const message = reader.nullableString();
        reader.skip(1); // Kind of the resource.
        const topic = reader.string();
        const settings = new Map(reader.array(() => {
          const entry = [reader.string(), reader.nullableString() ?? ""] as const;
          reader.skip(3); // Whether it is read-only, its source, whether it is a secret.
          reader.array(() => {
            for (let field = 0; field < 2; field++) reader.nullableString();
            reader.skip(1);
          });
          return entry;
        }));
        return { error, message, topic, settings };
      });
    },
  };
}

export interface GroupDescription extends Item {
  /** For example `Stable`, `Empty`, `Dead`. */
  readonly state: string;
  readonly members: readonly GroupMember[];
  /** What this program may do with it; undefined where the broker is older than Kafka 2.3. */
  readonly operations: readonly Operation[] | undefined;
}

export interface GroupMember {
  readonly memberId: string;
  readonly clientId: string;
  /** Where it comes from, as the coordinator sees it. */
  readonly host: string;
  readonly assignment: Assignment;
}

export function describeGroup(group: string): Question<GroupDescription> {
  return {
    name: "DescribeGroups",
    key: 15,
    versions: [0, 4],
    encode(version) {
      const writer = new ByteWriter();
      writer.array([group], (name) => writer.string(name));
      if (version >= 3) writer.boolean(true);
      return writer.written;
    },
    decode(reader, version) {
      if (version >= 1) reader.skip(4); // Throttle.
      const groups = reader.array(() => {
        const error = reader.int16();
        reader.string(); // Its name.
        const state = reader.string();
        const type = reader.string();
        reader.string(); // Assignor.
        const members = reader.array(() => {
          const memberId = reader.string();
          if (version >= 4) reader.nullableString(); // Id of the instance.
          const member = { memberId, clientId: reader.string(), host: reader.string() };
          reader.bytes(); // Its subscription.
          const bytes = reader.bytes();
          return { ...member, assignment: type === "consumer" ? assignmentIn(bytes) : new Map() };
        });
        const operations = version >= 3 ? operationsIn(reader.int32()) : undefined;
        return { error, state, members, operations };
      });
      const [found] = groups;
      if (found === undefined) throw new RangeError("it has no group");
      return found;
    },
  };
}

/** Members of any kind may hold a group: what is not to be read says nothing. */
function assignmentIn(bytes: Uint8Array): Assignment {
  try {
    return decodeAssignment(bytes);
  } catch {
    return new Map(); // shown as a member without partitions
  }
}
