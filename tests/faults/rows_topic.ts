/**
 * Rows of the fault matrix: what happens to topics.
 *
 * @module
 */
import { ConfigResourceTypes } from "kafkajs";
import { lasts } from "./arena.ts";
import { createTopics, withAdmin } from "./cluster_admin.ts";
import type { Outcome } from "./load.ts";
import { RECOVERED_WITHIN_MS, type Scene } from "./row.ts";
import type { MakeRow } from "./rows_connection.ts";
import { anotherClient, note } from "./rows_process.ts";

/** Milliseconds that a topic stays as it should not be. */
const BROKEN_MS = 3_000;

const beforeRecovery = ({ begunAt }: Outcome, { times }: Scene) =>
  begunAt <= times.healed + RECOVERED_WITHIN_MS;

/** Both topics are deleted, and made anew. What was in them is lost, and says so in time. */
export const topicsDeleted: MakeRow = ({ brokers }, { calls, perSecond }) => ({
  name: "topics deleted, and recreated 3 s later",
  brokers,
  calls,
  load: { perSecond, timeoutMs: 8_000 },
  excuses: (outcome, scene) =>
    ["unavailable", "deadline_exceeded", "failed_precondition"].includes(outcome.status) &&
    beforeRecovery(outcome, scene),
  fault: async ({ topic }) => {
    const topics = [topic, `${topic}_results`];
    await withAdmin(brokers, (admin) => admin.deleteTopics({ topics }));
    await lasts(BROKEN_MS);
    await createTopics(brokers, topics, 4);
  },
});

/** Partitions are added; a client that knows of them uses them at once. */
export const partitionsAdded: MakeRow = ({ brokers }, { calls, perSecond }) => ({
  name: "partitions added while running, 4 to 12",
  brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    const topicPartitions = [scene.topic, `${scene.topic}_results`]
      .map((topic) => ({ topic, count: 12 }));
    await withAdmin(brokers, (admin) => admin.createPartitions({ topicPartitions }));
    await using client = anotherClient(scene, { calls: 100, timeoutMs: 10_000 });
    const { outcomes } = await client.said("done") as unknown as { outcomes: Outcome[] };
    note(scene, outcomes, "ok");
  },
});

/** A setting of topics that makes the broker refuse records, for a while. */
function refusing(
  name: string,
  setting: { name: string; broken: string; whole: string; of: (topic: string) => string[] },
  excused?: string,
): MakeRow {
  return ({ brokers }, { calls, perSecond }) => ({
    name,
    brokers,
    calls,
    load: { perSecond, padding: 800 },
    excuses: (outcome, scene) => outcome.status === excused && beforeRecovery(outcome, scene),
    fault: async ({ topic }) => {
      const set = (value: string) =>
        withAdmin(brokers, (admin) =>
          admin.alterConfigs({
            validateOnly: false,
            resources: setting.of(topic).map((name) => ({
              type: ConfigResourceTypes.TOPIC,
              name,
              configEntries: [{ name: setting.name, value }],
            })),
          }));
      await set(setting.broken);
      await lasts(BROKEN_MS);
      await set(setting.whole);
    },
  });
}

/** The broker refuses what it has no replicas for, as it does when a disk of one is full. */
export const tooFewReplicas: MakeRow = refusing(
  "produce errors: NOT_ENOUGH_REPLICAS, 3 s",
  {
    name: "min.insync.replicas",
    broken: "2",
    whole: "1",
    of: (topic) => [topic, `${topic}_results`],
  },
);

/** The broker refuses records of the size that they have. */
export const tooLarge: MakeRow = refusing(
  "produce errors: MESSAGE_TOO_LARGE, 3 s",
  { name: "max.message.bytes", broken: "600", whole: "1048588", of: (topic) => [topic] },
  "resource_exhausted",
);
