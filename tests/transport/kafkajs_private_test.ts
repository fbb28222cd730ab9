// When an upgrade of kafkajs moves what src/transport/kafkajs_private.ts relies on, this says so.
import { assert, assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { Kafka, logLevel } from "kafkajs";
import installed from "kafkajs/package.json" with { type: "json" };
import Broker from "kafkajs/src/broker/index.js";
import PrivateConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import PrivateRequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { assignerWith, openKafka } from "../../src/transport/kafkajs_private.ts";
import { within } from "../within.ts";

const config = { brokers: ["127.0.0.1:1"], logLevel: logLevel.NOTHING };

/** The fields and methods that the mended queue uses. */
interface Queue {
  pending: { send(): void; sentAt?: number }[];
  inflight: Map<number, unknown>;
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  requestTimeoutIntervalId: unknown;
  push(request: unknown): void;
  destroy(): void;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

interface QueueConstructor {
  new (options: Record<string, unknown>): Queue;
  readonly prototype: Queue;
}

const RequestQueue = PrivateRequestQueue as unknown as QueueConstructor;
const ConsumerGroup = PrivateConsumerGroup as unknown as {
  readonly prototype: { joinAndSync(this: unknown): Promise<void> };
};
type AssignerConfig = Parameters<ReturnType<typeof assignerWith>>[0];
/** What an assigner gets; nothing here assigns. */
const ASSIGNER_CONFIG = { cluster: {}, groupId: "g", logger: {} } as unknown as AssignerConfig;
const logger = { debug() {}, info() {}, warn() {}, error() {} };

const newQueue = (options: Record<string, unknown> = {}): Queue =>
  new RequestQueue({
    clientId: "c",
    broker: "b",
    logger,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    maxInFlightRequests: null,
    ...options,
  });

/** A request of the queue that tells when it is sent, and how it fails. */
function request(correlationId: number, apiKey = 0) {
  const sent = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<Error>();
  const entry = {
    correlationId,
    apiKey,
    apiName: "Produce",
    apiVersion: 1,
    resolve() {},
    reject: failed.resolve,
  };
  const pushed = { entry, expectResponse: true, sendRequest: sent.resolve };
  return { pushed, sent: sent.promise, failed: failed.promise };
}

Deno.test("deno.json pins kafkajs to the version whose private parts are known", () => {
  const path = new URL("../../deno.json", import.meta.url);
  const { imports } = JSON.parse(Deno.readTextFileSync(path));
  assertEquals([imports["kafkajs"], imports["kafkajs/"]], [
    "npm:kafkajs@2.2.4",
    "npm:/kafkajs@2.2.4/",
  ]);
});

Deno.test("the kafkajs that is loaded is the version whose private parts are known", () => {
  assertEquals(installed.version, "2.2.4");
});

Deno.test("Kafka carries its cluster factory under the expected symbol", () => {
  const found = Object.getOwnPropertySymbols(new Kafka(config)).map(({ description }) =>
    description
  );
  assert(found.includes("private:Kafka:createCluster"), `symbols: ${found.join(", ")}`);
});

const CLUSTER_METHODS = [
  "connect",
  "disconnect",
  "addMultipleTargetTopics",
  "refreshMetadata",
  "findTopicPartitionMetadata",
  "findLeaderForPartitions",
  "findBroker",
  "fetchTopicsOffset",
];
for (const method of CLUSTER_METHODS) {
  Deno.test(`a cluster has the method ${method}`, () => {
    const cluster = openKafka(config, { background: true }).createCluster();
    assertEquals(typeof (cluster as unknown as Record<string, unknown>)[method], "function");
  });
}

Deno.test("a broker has the method fetch", () => {
  assertEquals(
    typeof (Broker as unknown as { prototype: { fetch: unknown } }).prototype.fetch,
    "function",
  );
});

Deno.test("a fetch takes the parameters that the reader gives", () => {
  const source = String((Broker as unknown as { prototype: { fetch: unknown } }).prototype.fetch);
  const names = ["maxWaitTime", "minBytes", "maxBytes", "isolationLevel", "topics"];
  assertEquals(names.filter((name) => !source.includes(name)), []);
});

for (const method of ["push", "destroy", "checkPendingRequests", "fulfillRequest"] as const) {
  Deno.test(`a request queue has the method ${method}`, () => {
    const prototype = RequestQueue.prototype as unknown as Record<string, unknown>;
    assertEquals(typeof prototype[method], "function");
  });
}

Deno.test("a request queue has the fields that the mended methods use", () => {
  const { pending, inflight, throttledUntil, throttleCheckTimeoutId } = newQueue();
  assertEquals([pending, inflight, throttledUntil, throttleCheckTimeoutId], [
    [],
    new Map(),
    -1,
    null,
  ]);
});

Deno.test("kafkajs still schedules its check by the method that is mended", () => {
  const source = String(RequestQueue.prototype.checkPendingRequests);
  assertStringIncludes(source, "this.scheduleCheckPendingRequests()");
});

Deno.test("the mended queue schedules no timer with nothing pending", () => {
  const queue = newQueue();
  queue.checkPendingRequests();
  assertEquals(queue.throttleCheckTimeoutId, null);
});

Deno.test("the mended queue schedules no timer with nothing pending while it is throttled", () => {
  const queue = newQueue();
  queue.throttledUntil = Date.now() + 10_000;
  queue.checkPendingRequests();
  assertEquals(queue.throttleCheckTimeoutId, null);
});

Deno.test("the mended queue sends what was throttled", async () => {
  const queue = newQueue();
  queue.throttledUntil = Date.now() + 20;
  const { pushed, sent } = request(1);
  queue.push(pushed);
  assertEquals(await within(sent, "the request"), undefined);
});

Deno.test("the mended queue schedules one timer, however often it is asked", () => {
  const queue = newQueue();
  queue.throttledUntil = Date.now() + 10_000;
  queue.push(request(1).pushed);
  const timer = queue.throttleCheckTimeoutId;
  queue.push(request(2).pushed);
  const later = queue.throttleCheckTimeoutId;
  queue.destroy();
  assertStrictEquals(later, timer);
});

Deno.test("the mended queue fails a request that gets no answer in time", async () => {
  const queue = newQueue({ requestTimeout: 20 });
  queue.scheduleRequestTimeoutCheck();
  const { pushed, failed } = request(1);
  queue.push(pushed);
  const error = await within(failed, "the failure");
  queue.destroy();
  assertEquals(error.name, "KafkaJSRequestTimeoutError");
});

for (const [api, key] of [["ApiVersions", 18], ["Metadata", 3], ["FindCoordinator", 10]] as const) {
  Deno.test(`the mended queue waits for an answer to ${api} for little more than a second`, async () => {
    const queue = newQueue({ requestTimeout: 1_000_000 });
    queue.scheduleRequestTimeoutCheck();
    const { pushed, failed } = request(1, key);
    queue.push(pushed);
    const error = await within(failed, "the failure");
    queue.destroy();
    assertEquals(error.name, "KafkaJSRequestTimeoutError");
  });
}

Deno.test("the mended queue checks no timeouts where it was told not to", () => {
  const queue = newQueue({ enforceRequestTimeout: false });
  queue.scheduleRequestTimeoutCheck();
  assertEquals(queue.requestTimeoutIntervalId, undefined);
});

for (const field of ["this.assigners = ", "this.memberId = "]) {
  Deno.test(`a consumer group sets ${field.slice(0, -3)}`, () => {
    assertStringIncludes(String(PrivateConsumerGroup), field);
  });
}

Deno.test("a consumer group still joins by the method that is mended", () => {
  assertEquals(typeof ConsumerGroup.prototype.joinAndSync, "function");
  assertStringIncludes(String(PrivateConsumerGroup), "joinAndSync()");
});

/** Joins with this id, and tells what became of it and whether the hook was called before. */
async function join(memberId: string | null, formerMember?: string, leaving = false) {
  let asked = false;
  const assigner = assignerWith({
    beforeJoin: () => Promise.resolve(void (asked = true)),
    formerMember: () => formerMember,
    leaving: () => leaving,
  });
  // No cluster is there: the join itself fails, and what happens before it is what counts.
  const member = { memberId, assigners: [Object.assign({}, assigner(ASSIGNER_CONFIG))] };
  const error = await ConsumerGroup.prototype.joinAndSync.call(member).catch((error) => error);
  return { asked, memberId: member.memberId, refused: error.message.includes("leaves the group") };
}

Deno.test("a member that joins again is asked before it gives its partitions up", async () => {
  const joined = await join("member-1", "member-1");
  assertEquals(joined, { asked: true, memberId: "member-1", refused: false });
});

Deno.test("a member that joins for the first time is not asked", async () => {
  assertEquals(await join(null), { asked: false, memberId: null, refused: false });
});

Deno.test("a member that follows a lost one is asked, and joins under its id", async () => {
  const joined = await join(null, "member-1");
  assertEquals(joined, { asked: true, memberId: "member-1", refused: false });
});

Deno.test("a member that is to leave does not join any more", async () => {
  assertEquals((await join(null, undefined, true)).refused, true);
});

Deno.test("a kafkajs without the cluster factory is refused with the version to use", () => {
  const open = openKafka(config, { background: true });
  const [symbol] = Object.getOwnPropertySymbols(open.kafka).filter(({ description }) =>
    description === "private:Kafka:createCluster"
  );
  delete (open.kafka as unknown as Record<symbol, unknown>)[symbol!];
  try {
    open.createCluster();
  } catch (error) {
    return assertStringIncludes((error as Error).message, "Use kafkajs 2.2.4");
  }
  throw new Error("it was not refused");
});

Deno.test("clusters do not all begin with the first bootstrap broker, which may be down", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = (async () => {
    let accepted = 0;
    for await (const connection of listener) {
      connection.close();
      accepted++;
    }
    return accepted;
  })();
  const brokers = ["127.0.0.1:1", `127.0.0.1:${port}`];
  const open = openKafka({ ...config, brokers, retry: { retries: 0 } }, { background: true });
  for (let i = 0; i < 30; i++) {
    // Nobody there is a broker: that the connection is tried is what counts.
    await open.createCluster().connect().catch((error) => assert(error instanceof Error));
  }
  await open.destroySockets();
  listener.close();
  assert(await accepting > 0);
});
