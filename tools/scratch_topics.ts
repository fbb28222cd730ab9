/**
 * Topics of one run of the demo or the bench: named so that no two runs meet, and removed after.
 *
 * @module
 */
import { Kafka, logLevel } from "./quiet_kafkajs.ts";

/** Removing must not keep a user waiting who has just pressed Ctrl-C. */
const REMOVE_WITHIN_MS = 5_000;

/** A topic that no other run has. */
export function scratchTopic(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}

/**
 * Removes a topic, those of its replies, and the consumer group of its servers.
 *
 * @param brokers Where they are.
 * @param topic The topic of the commands, from `scratchTopic`; the names of others begin with it.
 * @returns Why it could not be done; undefined where it could.
 */
export async function removeTopics(brokers: string[], topic: string): Promise<string | undefined> {
  const admin = new Kafka({
    brokers,
    clientId: "kafka-rpc-scratch",
    logLevel: logLevel.NOTHING,
    retry: { retries: 2 },
  }).admin();
  const remove = async () => {
    await admin.connect();
    const existing = await admin.listTopics();
    const topics = existing.filter((name) => name.startsWith(topic));
    await admin.deleteTopics({ topics });
    // Not there, or with a member whose session runs out yet: Kafka drops an empty group itself.
    await admin.deleteGroups([`${topic}-servers`]).catch(() => {});
  };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), REMOVE_WITHIN_MS);
  try {
    await Promise.race([remove(), late.promise]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    clearTimeout(timer);
    await admin.disconnect();
  }
}
