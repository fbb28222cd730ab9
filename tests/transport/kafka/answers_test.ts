// Decoders on a real broker's answers: their values in every version, and what they make of
// answers that are cut short or name numbers that can't be.
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { BoundedReader, MalformedBytes } from "../../../src/transport/kafka/bounded_reader.ts";
import type { Answers, Api } from "../../../src/transport/kafka/port.ts";
import { LIBRARIES } from "./libraries.ts";
import { APIS, recordedAnswer, recordedVersions } from "./recorded.ts";

const CORRELATION_ID_BYTES = 4;

function bodyOf(api: Api, version: number): Uint8Array {
  return recordedAnswer(api, version).subarray(CORRELATION_ID_BYTES);
}

const recorded = (topic: string, partition: number, error: number) => ({ topic, partition, error });

/** What was recorded, without ids and ports that the next recording has otherwise. */
const SEEN: { readonly [A in Api]: (answer: Answers[A], version: number) => unknown } = {
  Metadata: ({ brokers, controllerId, topics }) => {
    return [brokers[0]!.host, controllerId, topics.map(({ rights: _, ...rest }) => rest)];
  },
  ListOffsets: ({ partitions }) => partitions.toSorted((a, b) => a.error - b.error),
  Produce: ({ partitions }) => partitions.map(({ topic, error }) => ({ topic, error })),
  Fetch: ({ error, partitions }) => {
    return [
      error,
      partitions.map(({ records, logStartOffset: _, ...rest }) => {
        return { ...rest, records: batchOf(records) };
      }),
    ];
  },
  FindCoordinator: ({ throttleMs: _, port: __, ...rest }) => rest,
  JoinGroup: ({ error, generation, protocol, leader, memberId, members }) => {
    const [first] = members;
    return [error, generation, protocol, leader === memberId, first!.memberId === memberId, [
      ...first!.metadata,
    ]];
  },
  SyncGroup: ({ error, assignment }) => [error, [...assignment]],
  Heartbeat: ({ error }) => error,
  LeaveGroup: ({ error }) => error,
  OffsetCommit: ({ partitions }) => partitions.toSorted((a, b) => a.error - b.error),
  OffsetFetch: ({ error, partitions }) => [error, partitions],
  DescribeGroups: ({ groups }) =>
    groups.map(({ error, state, members }) => [error, state, members]),
  ConsumerGroupDescribe: ({ groups }) => groups,
  CreateTopics: ({ topics }) => topics.map(({ error, message }) => [error, message]),
};

const TWO_PARTITIONS = [0, 1].map((partition) => ({ error: 0, partition, leader: 1 }));
/** A batch begins with its offset and its length, and has its count at 57. */
const LENGTH_AT = 8;
const COUNT_AT = 57;

/** How many records the one batch has, if it is whole. */
function batchOf(records: Uint8Array): number | string {
  if (records.length === 0) return 0;
  const batch = Buffer.from(records);
  const whole = batch.readInt32BE(LENGTH_AT) + LENGTH_AT + 4 === batch.length;
  return whole ? batch.readInt32BE(COUNT_AT) : "cut short";
}

const EXPECTED: { readonly [A in Api]: unknown } = {
  Metadata: ["127.0.0.1", 1, [
    { error: 0, topic: "recorded", partitions: TWO_PARTITIONS },
    { error: 3, topic: "missing", partitions: [] },
  ]],
  ListOffsets: [
    { ...recorded("recorded", 0, 0), offset: 3n },
    { ...recorded("missing", 0, 3), offset: -1n },
  ],
  Produce: [{ topic: "recorded", error: 0 }, { topic: "missing", error: 3 }],
  Fetch: [0, [
    { ...recorded("recorded", 0, 0), highWatermark: 3n, records: 3 },
    { ...recorded("recorded", 1, 1), highWatermark: -1n, records: 0 },
  ]],
  FindCoordinator: { error: 0, message: undefined, nodeId: 1, host: "127.0.0.1" },
  JoinGroup: [0, 1, "RoundRobinAssigner", true, true, [9, 8, 7]],
  SyncGroup: [0, [1, 2, 3]],
  Heartbeat: 0,
  LeaveGroup: 0,
  OffsetCommit: [recorded("recorded", 0, 0), recorded("missing", 0, 3)],
  OffsetFetch: [0, [
    { ...recorded("recorded", 0, 0), offset: 2n },
    { ...recorded("recorded", 1, 0), offset: -1n },
  ]],
  DescribeGroups: [[0, "Stable", 1], [0, "Dead", 0]],
  ConsumerGroupDescribe: [
    { error: 0, message: undefined, group: "commands-servers", state: "Stable", members: 1 },
    { error: 69, message: "Group missing not found.", group: "missing", state: "", members: 0 },
  ],
  CreateTopics: [[0, undefined], [36, "Topic 'recorded' already exists."]],
};

/** Where throttleMs is, and from which version on the broker leaves the wait to the client. */
const THROTTLES: { readonly [A in Api]: readonly [at: number, since: number] } = {
  Metadata: [0, 6],
  ListOffsets: [0, 3],
  Produce: [-4, 6],
  Fetch: [0, 8],
  FindCoordinator: [0, 2],
  JoinGroup: [0, 3],
  SyncGroup: [0, 2],
  Heartbeat: [0, 2],
  LeaveGroup: [0, 2],
  OffsetCommit: [0, 4],
  OffsetFetch: [0, 4],
  DescribeGroups: [0, 2],
  ConsumerGroupDescribe: [1, 0],
  CreateTopics: [0, 3],
};

/** Counts and lengths that can't be, as four bytes anywhere; the last as a varint too. */
const IMPOSSIBLE = [-2, -(2 ** 31), 100_000_000, 2 ** 31 - 1, -1];

for (const [name, library] of LIBRARIES) {
  const decode = <A extends Api>(api: A, bytes: Uint8Array, version: number): Answers[A] => {
    return library.decoders[api](new BoundedReader(bytes), version);
  };

  /** Those that were recorded and that the library is asked for. */
  const versionsOf = (api: Api): number[] => {
    const [lowest, highest] = library.requests[api].versions;
    return recordedVersions(api).filter((version) => version >= lowest && version <= highest);
  };

  /** A separate function: in it, the types of request and answer go together. */
  const seen = <A extends Api>(api: A, version: number): unknown => {
    return SEEN[api](decode(api, bodyOf(api, version), version), version);
  };

  for (const api of APIS) {
    Deno.test(`${name}: an answer to ${api} is read in versions ${versionsOf(api).join(", ")}`, () => {
      for (const version of versionsOf(api)) {
        assertEquals(seen(api, version), EXPECTED[api], `version ${version}`);
      }
    });
  }

  Deno.test(`${name}: what a program may do with a topic is known from version 8 of Metadata on`, () => {
    const [before, since] = [7, 8].map((version) => {
      return decode("Metadata", bodyOf("Metadata", version), version).topics[0]!.rights?.slice(
        0,
        2,
      );
    });
    assertEquals([before, since], [undefined, ["Read", "Write"]]);
  });

  Deno.test(`${name}: the start of a log is known from version 5 of Fetch on`, () => {
    const [before, after] = [4, 5].map((version) => {
      return decode("Fetch", bodyOf("Fetch", version), version).partitions[0]!.logStartOffset;
    });
    assertEquals([before, after], [-1n, 0n]);
  });

  Deno.test(`${name}: records are a view of the answer`, () => {
    const body = bodyOf("Fetch", 11);
    const { records } = decode("Fetch", body, 11).partitions[0]!;
    assertEquals(records.buffer === body.buffer, true);
  });

  for (const api of APIS) {
    const [at, since] = THROTTLES[api];
    Deno.test(`${name}: a throttle of ${api} is the client's to wait from version ${since} on`, () => {
      for (const version of versionsOf(api).filter((version) => version >= since - 1)) {
        const body = Buffer.from(bodyOf(api, version));
        body.writeInt32BE(1_234, at < 0 ? body.length + at : at);
        const expected = version >= since ? 1_234 : 0;
        assertEquals(decode(api, body, version).throttleMs, expected, `version ${version}`);
      }
    });
  }

  /** The error that a decoder throws; undefined for an answer. */
  const failureOf = (api: Api, bytes: Uint8Array, version: number): unknown => {
    try {
      decode(api, bytes, version);
      return undefined;
    } catch (error) {
      return error;
    }
  };

  for (const api of APIS) {
    Deno.test(`${name}: an answer to ${api} that ends early is malformed, wherever it ends`, () => {
      for (const version of versionsOf(api)) {
        const body = bodyOf(api, version);
        for (let length = 0; length < body.length; length++) {
          const failure = failureOf(api, body.slice(0, length), version);
          assertEquals(failure instanceof MalformedBytes, true, `v${version}, ${length} bytes`);
        }
      }
    });
  }

  for (const api of APIS) {
    Deno.test(`${name}: impossible numbers in an answer to ${api} are malformed or values, nothing else`, () => {
      for (const version of versionsOf(api)) {
        const body = bodyOf(api, version);
        for (let at = 0; at + 4 <= body.length; at++) {
          for (const value of IMPOSSIBLE) {
            const bytes = Buffer.from(body);
            bytes.writeInt32BE(value, at);
            const failure = failureOf(api, bytes, version);
            const known = failure === undefined || failure instanceof MalformedBytes;
            assertEquals(known, true, `v${version}, ${value} at ${at}: ${failure}`);
          }
        }
      }
    });
  }

  Deno.test(`${name}: a count beyond the rest of the answer is refused before anything is read by it`, () => {
    const body = Buffer.from(bodyOf("Metadata", 6));
    body.writeInt32BE(100_000_000, 4);
    const failure = failureOf("Metadata", body, 6) as Error;
    const left = body.length - 8;
    assertEquals(failure.message, `a list of 100000000 items, and ${left} bytes are left`);
  });

  Deno.test(`${name}: an error code that no table knows keeps its number, and its neighbours`, () => {
    const body = Buffer.from(bodyOf("OffsetCommit", 5));
    const at = body.lastIndexOf(Uint8Array.of(0, 3));
    body.writeInt16BE(32_000, at);
    const { partitions } = decode("OffsetCommit", body, 5);
    assertEquals(partitions.map(({ error }) => error).toSorted(), [0, 32_000]);
  });
}
