// What `kafka-consumer-groups.sh --describe` shows as LAG when nothing is left to do.
import { assertEquals } from "@std/assert";
import { type Admin, Kafka, logLevel } from "../../tools/quiet_kafkajs.ts";
import { transact } from "../transport/transactions.ts";
import { within } from "../within.ts";
import { Place } from "./place.ts";

const brokers = (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
const request = {
  key: "id1",
  value: "1",
  headers: { "rpc-version": "1", "rpc-command": "echo" },
};

/** Asks for the lag of the servers' group until there is none; gives what was asked last. */
async function lagInTheEnd(topic: string, admin: Admin, signal: AbortSignal): Promise<bigint> {
  while (true) {
    const [end] = await admin.fetchTopicOffsets(topic);
    const [group] = await admin.fetchOffsets({ groupId: `${topic}-servers`, topics: [topic] });
    const lag = BigInt(end!.high) - BigInt(group!.partitions[0]!.offset);
    if (lag === 0n || signal.aborted) return lag;
  }
}

for (const ends of [["commit"], ["abort"], ["commit", "abort"], ["abort", "commit"]] as const) {
  Deno.test(`no lag is left after transactions: ${ends.join(", ")}`, async () => {
    await using place = new Place();
    const { topic } = place;
    await place.createTopics({}); // one partition, which has all of the lag
    await place.serve({ commands: { echo: (x: unknown) => x } });
    for (const end of ends) await transact(topic, [request], end);
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const stop = new AbortController();
    try {
      const lag = await within(lagInTheEnd(topic, admin, stop.signal), "a lag of 0");
      assertEquals(lag, 0n);
    } finally {
      stop.abort();
      await admin.disconnect();
    }
  });
}
