// What goes out by @platformatic/kafka: byte by byte what goes out by kafkajs.
import { assertEquals } from "@std/assert";
import { platformatic } from "@kafka-rpc/deno/platformatic";
import installed from "../../../deno.json" with { type: "json" };
import { REQUESTS } from "../../../src/transport/kafka/kafkajs/requests.ts";
import { platformaticLibrary } from "../../../src/transport/kafka/platformatic/protocol.ts";
import type { Api, Requests } from "../../../src/transport/kafka/port.ts";
import { ANY, APIS } from "./recorded.ts";

const { requests } = platformaticLibrary;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const MEMBER = { group: "g", memberId: "m", generation: 7 };
/** Two partitions of a topic are not next to each other, as the port allows. */
const PARTITIONS = ["a", "b", "a"].map((topic, partition) => ({ topic, partition }));
const RECORD = { topic: "a", key: bytes("key"), value: bytes("value"), headers: { name: "é" } };

/** Every field has a value that shows where it went. */
const FULL: Requests = {
  Metadata: { topics: ["a", "b"], rights: true },
  ListOffsets: { partitions: PARTITIONS.map((one) => ({ ...one, timestamp: -2n })) },
  Produce: {
    timeoutMs: 1_234,
    partitions: PARTITIONS.map((one) => ({ ...one, timestamp: 99, records: [RECORD, RECORD] })),
  },
  Fetch: {
    maxWaitMs: 1,
    minBytes: 2,
    maxBytes: 3,
    partitions: PARTITIONS.map((one, index) => ({ ...one, offset: BigInt(index), maxBytes: 4 })),
  },
  FindCoordinator: { group: "g" },
  JoinGroup: {
    group: "g",
    memberId: "m",
    sessionTimeoutMs: 5,
    rebalanceTimeoutMs: 6,
    protocols: [{ name: "first", metadata: bytes("one") }, { name: "second", metadata: bytes("") }],
  },
  SyncGroup: { ...MEMBER, assignments: [{ memberId: "m", assignment: bytes("mine") }] },
  Heartbeat: MEMBER,
  LeaveGroup: MEMBER,
  OffsetCommit: { ...MEMBER, partitions: PARTITIONS.map((one) => ({ ...one, offset: 8n })) },
  OffsetFetch: { group: "g", partitions: PARTITIONS },
  DescribeGroups: { groups: ["g", "h"] },
  ConsumerGroupDescribe: { groups: ["g", "h"] },
  CreateTopics: { timeoutMs: 9, topics: [{ topic: "a", partitions: 2, replicationFactor: -1 }] },
};
const NONE: Partial<Requests> = {
  Metadata: { topics: [] },
  OffsetFetch: { group: "g", partitions: [] },
  SyncGroup: { ...MEMBER, assignments: [] },
};

/** A separate function: in it, the types of request and encoder go together. */
async function assertSame<A extends Api>(api: A, request: Requests[A]): Promise<void> {
  const [lowest, highest] = requests[api].versions;
  for (let version = lowest; version <= highest; version++) {
    const [own, other] = [requests[api], REQUESTS[api]].map(({ encode }) => encode);
    const encoded = [await own!(request, version), await other!(request, version)];
    const [mine, theirs] = encoded.map((body) => body.toHex());
    assertEquals(mine, theirs, `version ${version}`);
  }
}

for (const api of APIS) {
  Deno.test(`${api} goes out as by kafkajs, with the same versions`, async () => {
    const { key, versions: [lowest, highest] } = requests[api];
    // Of ConsumerGroupDescribe the library has version 0 only.
    const most = api === "ConsumerGroupDescribe" ? 0 : REQUESTS[api].versions[1];
    assertEquals([key, lowest, highest], [REQUESTS[api].key, REQUESTS[api].versions[0], most]);
    await assertSame(api, FULL[api]);
    await assertSame(api, NONE[api] ?? ANY[api]);
  });
}

Deno.test("the version that the entry point names is the one that is installed", async () => {
  const { name } = await platformatic();
  assertEquals(`npm:${name.replace(" ", "@")}`, installed.imports["@platformatic/kafka"]);
});
