// A member between two memberships, with a library that the test plays.
import { assertEquals, assertRejects } from "@std/assert";
import { GroupMember } from "../../src/transport/kafkajs_group.ts";
import type { OpenKafka } from "../../src/transport/kafkajs_private.ts";
import { silentLogger } from "../../src/transport/logger.ts";
import { Arrivals } from "../arrivals.ts";

const GROUP_JOIN = "consumer.group_join";
const CRASH = "consumer.crash";
const END_BATCH_PROCESS = "consumer.end_batch_process";

/** What kafkajs does: it refuses a pause before `run`, and resolves a commit it does not make. */
class PlayedConsumer {
  readonly events = {
    GROUP_JOIN,
    CRASH,
    END_BATCH_PROCESS,
    REQUEST_TIMEOUT: "consumer.network.request_timeout",
  };
  readonly paused = new Arrivals<unknown>();
  readonly #listeners = new Map<string, (event: { payload: unknown }) => void>();
  readonly #running = Promise.withResolvers<void>();

  on(name: string, listener: (event: { payload: unknown }) => void): void {
    this.#listeners.set(name, listener);
  }
  connect(): Promise<void> {
    return Promise.resolve();
  }
  subscribe(): Promise<void> {
    return Promise.resolve();
  }
  run(): Promise<void> {
    return this.#running.promise;
  }
  disconnect(): Promise<void> {
    return Promise.resolve(this.#running.resolve());
  }
  commitOffsets(): Promise<void> {
    return Promise.resolve();
  }
  pause(topics: unknown): void {
    if (!this.joined) throw new Error("Consumer group was not initialized");
    this.paused.push(topics);
  }

  joined = false;

  join(): void {
    this.joined = true;
    this.#listeners.get(GROUP_JOIN)!({ payload: { memberId: "m", memberAssignment: { t: [0] } } });
    this.#running.resolve();
  }
  processed(payload: { partition: number; batchSize: number; lastOffset: string }): void {
    this.#listeners.get(END_BATCH_PROCESS)!({ payload });
  }
  crash(): void {
    this.#listeners.get(CRASH)!({ payload: { error: new Error("connection lost") } });
  }
}

/** A member whose first consumer has joined, and the consumers as they are made. */
async function member() {
  const consumers = new Arrivals<PlayedConsumer>();
  const consumer = () => {
    const made = new PlayedConsumer();
    consumers.push(made);
    return made;
  };
  const passed = new Arrivals<bigint>();
  const open = { kafka: { consumer }, destroySockets: () => Promise.resolve() };
  const joining = GroupMember.join(open as unknown as OpenKafka, {
    topic: "t",
    group: "g",
    ready: () => undefined,
    onRecord: () => {},
    onAssigned: () => {},
    onPassed: (_, next) => passed.push(next),
  }, silentLogger);
  (await consumers.at(0)).join();
  return { member: await joining, consumers, passed: passed.items };
}

Deno.test("a member commits while it is one", async () => {
  const { member: joined } = await member();
  assertEquals(await joined.commit(new Map([[0, 1n]])), undefined);
  await joined.close();
});

Deno.test("a commit between two memberships rejects: the library would drop it", async () => {
  const { member: joined, consumers } = await member();
  (await consumers.at(0)).crash();
  await consumers.at(1);
  await assertRejects(() => joined.commit(new Map([[0, 1n]])), Error, "no membership just now");
  await joined.close();
});

Deno.test("pause() between two memberships holds for the next one", async () => {
  const { member: joined, consumers } = await member();
  (await consumers.at(0)).crash();
  const next = await consumers.at(1);
  joined.pause();
  next.join();
  const paused = await next.paused.at(0);
  await joined.close();
  assertEquals(paused, [{ topic: "t" }]);
});

Deno.test("offsets without a record, as after a compaction, are passed", async () => {
  const { member: joined, consumers, passed } = await member();
  // For records that were compacted away the library gives the offset that was asked for.
  (await consumers.at(0)).processed({ partition: 0, batchSize: 0, lastOffset: "7" });
  await joined.close();
  assertEquals(passed, [8n]);
});

Deno.test("a batch that was fetched and perhaps not taken passes nothing", async () => {
  const { member: joined, consumers, passed } = await member();
  (await consumers.at(0)).processed({ partition: 0, batchSize: 3, lastOffset: "7" });
  await joined.close();
  assertEquals(passed, []);
});
