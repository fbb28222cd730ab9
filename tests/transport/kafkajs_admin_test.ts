// Questions to a cluster that the test plays.
import { assertEquals } from "@std/assert";
import { KafkaAdmin } from "../../src/transport/kafkajs_admin.ts";
import type { OpenKafka } from "../../src/transport/kafkajs_private.ts";
import { silentLogger as logger } from "../../src/transport/logger.ts";
import type { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";

/** An admin whose cluster answers a question about a group with these, one after the other. */
function adminOf(answers: readonly (Error | number)[]) {
  let asked = 0;
  const describeGroups = () => {
    const answer = answers[Math.min(asked++, answers.length - 1)]!;
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ groups: [{ members: Array.from({ length: answer }) }] });
  };
  const fetchTopicMetadata = async () => {
    await describeGroups();
    return { topics: [{ partitions: [{}] }] };
  };
  const open = {
    kafka: { admin: () => ({ describeGroups, fetchTopicMetadata }) },
    destroySockets: () => Promise.resolve(),
  } as unknown as OpenKafka;
  const closing = new AbortController().signal;
  const unreached = new Arrivals<RpcError>();
  const admin = new KafkaAdmin(open, {
    address: "127.0.0.1:1",
    logger,
    closing,
    unreached: unreached.push,
  });
  return { admin, asked: () => asked, unreached };
}

const failure = (type: string) => Object.assign(new Error(type), { type });

Deno.test("a new cluster is asked again until it has a coordinator", async () => {
  const { admin } = adminOf([
    failure("GROUP_COORDINATOR_NOT_AVAILABLE"),
    Object.assign(new Error("none"), { name: "KafkaJSGroupCoordinatorNotFound" }),
    failure("GROUP_LOAD_IN_PROGRESS"),
    0,
  ]);
  assertEquals(await admin.groupIsLive("g"), false);
});

Deno.test("a group that may not be described is asked about once", async () => {
  const { admin, asked } = adminOf([failure("GROUP_AUTHORIZATION_FAILED")]);
  assertEquals([await admin.groupIsLive("g"), await admin.groupIsLive("g"), asked()], [
    undefined,
    undefined,
    1,
  ]);
});

Deno.test("where no broker answers, it is not known whether anybody listens", async () => {
  const { admin, asked } = adminOf([new Error("connect ECONNREFUSED")]);
  assertEquals([await admin.groupIsLive("g"), asked()], [undefined, 1]);
});

Deno.test("an advertised address that cannot be reached is told at the first attempt", async () => {
  const { admin, unreached } = adminOf([new Error("connect ECONNREFUSED 10.0.0.1:9092"), 0]);
  await admin.partitionsOf("t");
  assertEquals(unreached.items.map(({ message }) => message.includes("10.0.0.1:9092")), [true]);
});

Deno.test("a topic that has no leader for a moment is not told", async () => {
  const { admin, unreached } = adminOf([failure("LEADER_NOT_AVAILABLE"), 0]);
  await admin.partitionsOf("t");
  assertEquals(unreached.items, []);
});
