/**
 * Records the answers of a real broker to every request in every version, and to
 * the exchanges of SASL, into fixtures/. To run again after a change of the
 * requests or of Kafka's version, with the names of the requests where it is not for all; it needs a
 * JDK:
 *
 *     deno run --allow-all tests/transport/kafka/record_answers.ts Metadata
 *
 * @module
 */
import { kafkajsProtocol } from "../../../src/transport/kafka/kafkajs/protocol.ts";
import { REQUESTS } from "../../../src/transport/kafka/kafkajs/requests.ts";
import type {
  Api,
  BrokerConnection,
  GroupGeneration,
  Requests,
} from "../../../src/transport/kafka/port.ts";
import type { SaslTexts } from "../../../src/transport/kafka/login_texts.ts";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import type { ListenerName } from "../../../tools/kafka/secured/listeners.ts";
import { startSecuredNode } from "../../../tools/kafka/secured/secured_node.ts";
import { unsecuredToken } from "../../../tools/kafka/secured/token.ts";
import { RecordingProxy } from "./recording_proxy.ts";

const TOPIC = "recorded";
const MISSING = "missing";
const signal = new AbortController().signal;

await using node = await startSecuredNode({ log: (line) => console.log(line) });
await using foreign = await ForeignClient.start({ brokers: node.brokers("open") });
const direct = await connect(node.port("open"));

await foreign.createTopic(TOPIC, { partitions: 2 });
await foreign.send({ topic: TOPIC, partition: 0, records: [{ key: "k", value: "v", count: 3 }] });
await foreign.createTopic("commands", { partitions: 2 });
await foreign.startServer({ name: "s", topic: "commands", protocol: "consumer" });
await foreign.assigned("s", 2);

/** What is asked, ready to be answered well. */
const QUESTIONS: { readonly [A in Api]: (version: number) => Promise<Requests[A]> | Requests[A] } =
  {
    Metadata: () => ({ topics: [TOPIC, MISSING], rights: true }),
    ListOffsets: () => ({
      partitions: [TOPIC, MISSING].map((topic) => ({ topic, partition: 0, timestamp: -1n })),
    }),
    Produce: () => ({
      timeoutMs: 1_000,
      partitions: [TOPIC, MISSING].map((topic) => ({
        topic,
        partition: 1,
        timestamp: 1_700_000_000_000,
        records: [{ topic, key: null, value: new Uint8Array(3), headers: {} }],
      })),
    }),
    Fetch: () => ({
      maxWaitMs: 100,
      minBytes: 1,
      maxBytes: 1_000,
      partitions: [0, 1].map((partition) => {
        return { topic: TOPIC, partition, offset: partition === 0 ? 0n : 1_000n, maxBytes: 1_000 };
      }),
    }),
    FindCoordinator: () => ({ group: "g" }),
    JoinGroup: (version) => memberToBe(`join-${version}`),
    SyncGroup: async (version) => {
      const member = await joined(`sync-${version}`);
      const { memberId } = member;
      return { ...member, assignments: [{ memberId, assignment: Uint8Array.of(1, 2, 3) }] };
    },
    Heartbeat: (version) => synced(`heartbeat-${version}`),
    LeaveGroup: (version) => synced(`leave-${version}`),
    OffsetCommit: async (version) => ({
      ...await synced(`commit-${version}`),
      partitions: [TOPIC, MISSING].map((topic) => ({ topic, partition: 0, offset: 2n })),
    }),
    OffsetFetch: async (version) => {
      const member = await synced(`committed-${version}`);
      const partitions = [{ topic: TOPIC, partition: 0, offset: 2n }];
      await direct.send("OffsetCommit", { ...member, partitions });
      const asked = [0, 1].map((partition) => ({ topic: TOPIC, partition }));
      return { group: member.group, partitions: asked };
    },
    DescribeGroups: async (version) => {
      const { group } = await synced(`described-${version}`);
      return { groups: [group, MISSING] };
    },
    ConsumerGroupDescribe: () => ({ groups: ["commands-servers", MISSING] }),
    CreateTopics: (version) => ({
      timeoutMs: 5_000,
      topics: [`created-${version}`, TOPIC].map((topic) => {
        return { topic, partitions: 1, replicationFactor: -1 };
      }),
    }),
  };

function connect(port: number, sasl?: SaslTexts): Promise<BrokerConnection> {
  const address = { host: "127.0.0.1", port };
  return kafkajsProtocol.open(address, { clientId: "recorder", background: false, signal, sasl });
}

async function memberToBe(group: string): Promise<Requests["JoinGroup"]> {
  const request = {
    group,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    protocols: [{ name: "RoundRobinAssigner", metadata: Uint8Array.of(9, 8, 7) }],
  };
  while (true) {
    // The coordinator of the first group is there only when the topic of offsets is.
    const { error, memberId } = await direct.send("JoinGroup", { ...request, memberId: "" });
    if (error === 79) return { ...request, memberId };
  }
}

async function joined(group: string): Promise<GroupGeneration> {
  const { memberId, generation } = await direct.send("JoinGroup", await memberToBe(group));
  return { group, memberId, generation };
}

async function synced(group: string): Promise<GroupGeneration> {
  const member = await joined(group);
  await direct.send("SyncGroup", { ...member, assignments: [] });
  return member;
}

function write(name: string, content: unknown): void {
  const file = new URL(`./fixtures/${name}.json`, import.meta.url);
  Deno.writeTextFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

async function recordAnswer<A extends Api>(api: A, version: number): Promise<string> {
  const caps = new Map([[REQUESTS[api].key, version]]);
  using proxy = new RecordingProxy({ port: node.port("open") }, caps);
  const question = await QUESTIONS[api](version);
  const connection = await connect(proxy.port);
  console.log(api, version, await connection.send(api, question));
  connection.close();
  return proxy.answers[1]!.toBase64();
}

/** What is recorded; all where nothing is named. */
const wanted = Deno.args.length > 0 ? Deno.args : [...Object.keys(QUESTIONS), "logins"];

for (const api of wanted.filter((name) => name in QUESTIONS) as Api[]) {
  const [lowest, highest] = REQUESTS[api].versions;
  const answers: Record<string, string> = {};
  for (let version = lowest; version <= highest; version++) {
    answers[version] = await recordAnswer(api, version);
  }
  write(api, answers);
}

async function recordLogin(listener: ListenerName, sasl?: SaslTexts): Promise<string[]> {
  using proxy = new RecordingProxy({ port: node.port(listener) });
  const connection = await connect(proxy.port, sasl).catch((error: Error) => error);
  console.log(sasl?.mechanism, connection instanceof Error ? connection.message : "is in");
  if (!(connection instanceof Error)) connection.close();
  return proxy.answers.map((answer) => answer.toBase64());
}

const admin = { username: "admin", password: "admin-secret" };
const bearer = (value: string) => {
  return {
    mechanism: "oauthbearer",
    oauthBearerProvider: () => Promise.resolve({ value }),
  } as const;
};
const logins = async () => ({
  "none": await recordLogin("open"),
  "plain": await recordLogin("sasl_15s", { mechanism: "plain", ...admin }),
  "plain, refused": await recordLogin("sasl", { mechanism: "plain", ...admin, password: "wrong" }),
  "scram-sha-256": await recordLogin("sasl", { mechanism: "scram-sha-256", ...admin }),
  "scram-sha-512": await recordLogin("sasl", { mechanism: "scram-sha-512", ...admin }),
  "oauthbearer": await recordLogin("sasl", bearer(unsecuredToken("admin"))),
  "oauthbearer, refused": await recordLogin("sasl", bearer("nonsense")),
  "aws, not offered": await recordLogin("sasl", {
    mechanism: "aws",
    authorizationIdentity: "a",
    accessKeyId: "b",
    secretAccessKey: "c",
  }),
});
if (wanted.includes("logins")) write("logins", await logins());
direct.close();
