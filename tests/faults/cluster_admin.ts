/**
 * Questions and orders to the cluster under test.
 *
 * @module
 */
import { type Admin, Kafka, logLevel } from "../../tools/quiet_kafkajs.ts";

const LED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Runs something with an admin client of its own, which is gone afterwards. */
export async function withAdmin<T>(
  brokers: readonly string[],
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = new Kafka({
    brokers: [...brokers],
    clientId: "oracle",
    logLevel: logLevel.NOTHING,
    requestTimeout: 5_000,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 },
  }).admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Creates topics and waits until they have leaders. */
export async function createTopics(
  brokers: readonly string[],
  topics: readonly string[],
  numPartitions: number,
): Promise<void> {
  await withAdmin(brokers, (admin) =>
    admin.createTopics({
      // Its own wait fails where a broker has not heard of them yet.
      waitForLeaders: false,
      topics: topics.map((topic) => ({ topic, numPartitions, replicationFactor: -1 })),
    }));
  await untilLed(brokers, topics, []);
}

/** Leaders of every partition of these topics, in the order of the partitions; -1 for none. */
export function leadersOf(
  brokers: readonly string[],
  topics: readonly string[],
): Promise<number[]> {
  return withAdmin(brokers, async (admin) => {
    const found = await admin.fetchTopicMetadata({ topics: [...topics] });
    return found.topics.flatMap(({ partitions }) =>
      partitions.toSorted((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader)
    );
  });
}

/** Waits until every partition of these topics is led, and by none of these nodes. */
export async function untilLed(
  brokers: readonly string[],
  topics: readonly string[],
  notBy: readonly number[],
): Promise<void> {
  const end = performance.now() + LED_WITHIN_MS;
  while (true) {
    const leaders = await leadersOf(brokers, topics).catch(() => [-1]);
    if (leaders.every((leader) => leader >= 0 && !notBy.includes(leader))) return;
    if (performance.now() > end) {
      throw new Error(`The partitions of ${topics.join(", ")} are led by ${leaders}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Records of a topic that its group has not committed; undefined where nobody can say just now. */
export async function lagOf(
  brokers: readonly string[],
  topic: string,
): Promise<number | undefined> {
  try {
    return await withAdmin(brokers, async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId: `${topic}-servers`, topics: [topic] });
      const committed = new Map(group?.partitions.map((p) => [p.partition, Number(p.offset)]));
      return ends
        .map(({ partition, low, high }) =>
          Number(high) - Math.max(committed.get(partition) ?? 0, Number(low))
        )
        .reduce((sum, lag) => sum + lag, 0);
    });
  } catch {
    return undefined;
  }
}
