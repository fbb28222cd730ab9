/**
 * The answers of a real broker, as record_answers.ts has recorded them.
 *
 * @module
 */
import { REQUESTS } from "../../../src/transport/kafka/kafkajs/requests.ts";
import type { Api, Requests } from "../../../src/transport/kafka/port.ts";
import { capVersions } from "./frames.ts";

function read(name: string): Record<string, unknown> {
  const file = new URL(`./fixtures/${name}.json`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(file));
}

const logins = read("logins") as Record<string, string[]>;

/** The answers of a login, that to ApiVersions first; with their correlation ids. */
export function recordedLogin(name: string): Uint8Array[] {
  return logins[name]!.map((answer) => Uint8Array.fromBase64(answer));
}

/** Names of the logins. */
export const LOGINS: readonly string[] = Object.keys(logins);

/** Every request. */
export const APIS = Object.keys(REQUESTS) as Api[];

const byApi = Object.fromEntries(APIS.map((api) => [api, read(api) as Record<string, string>]));

/** The versions in which a request was recorded. */
export function recordedVersions(api: Api): number[] {
  return Object.keys(byApi[api]!).map(Number);
}

/** The answer to a request, with its correlation id. */
export function recordedAnswer(api: Api, version: number): Uint8Array {
  return Uint8Array.fromBase64(byApi[api]![version]!);
}

/** The answers of a connection on which one request is made, in this version. */
export function recordedConnection(api: Api, version: number): Uint8Array[] {
  const caps = new Map([[REQUESTS[api].key, version]]);
  return [capVersions(recordedLogin("none")[0]!, caps), recordedAnswer(api, version)];
}

const MEMBER = { group: "g", memberId: "m", generation: 1 };
const PARTITION = { topic: "t", partition: 0 };

/** A request of each kind; the recorded answer comes whatever it asks for. */
export const ANY: Requests = {
  Metadata: { topics: ["t"] },
  ListOffsets: { partitions: [{ ...PARTITION, timestamp: -1n }] },
  Produce: { timeoutMs: 1, partitions: [{ ...PARTITION, records: [], timestamp: 1 }] },
  Fetch: {
    maxWaitMs: 1,
    minBytes: 1,
    maxBytes: 1,
    partitions: [{ ...PARTITION, offset: 0n, maxBytes: 1 }],
  },
  FindCoordinator: { group: "g" },
  JoinGroup: {
    group: "g",
    memberId: "",
    sessionTimeoutMs: 1,
    rebalanceTimeoutMs: 1,
    protocols: [],
  },
  SyncGroup: { ...MEMBER, assignments: [] },
  Heartbeat: MEMBER,
  LeaveGroup: MEMBER,
  OffsetCommit: { ...MEMBER, partitions: [{ ...PARTITION, offset: 1n }] },
  OffsetFetch: { group: "g", partitions: [PARTITION] },
  DescribeGroups: { groups: ["g"] },
  ConsumerGroupDescribe: { groups: ["g"] },
  CreateTopics: { timeoutMs: 1, topics: [{ topic: "t", partitions: 1, replicationFactor: 1 }] },
};
