// How many records partitions got lately; the test plays the brokers.
import { assertEquals, assertRejects } from "@std/assert";
import { silentLogger } from "../../../src/logging/logger.ts";
import { KafkaFailure } from "../../../src/transport/kafka/errors.ts";
import { LATEST, type Requests } from "../../../src/transport/kafka/port.ts";
import { recentRecords } from "../../../src/transport/kafka/recent_records.ts";
import { type Answer, FakePort, metadata, never } from "./fake_port.ts";
import { ManualClock } from "../../manual_clock.ts";

/** Asks about two partitions that got 7 records, led by these nodes. */
async function asked(leaders: readonly number[], answerTo: Answer = metadata(1, { t: leaders })) {
  using clock = new ManualClock();
  const port = new FakePort((asked) => {
    if (asked.api === "Metadata") return answerTo(asked);
    const { partitions } = asked.request as Requests["ListOffsets"];
    const offsets = partitions.map(({ topic, partition, timestamp }) => {
      return { topic, partition, error: 0, offset: timestamp === LATEST ? 9n : 2n };
    });
    return { throttleMs: 0, partitions: offsets };
  });
  const closing = new AbortController().signal;
  const cluster = port.cluster(1);
  const parts = { cluster, logger: silentLogger, closing };
  const counting = recentRecords(parts, {
    topic: "t",
    partitions: [0, 1],
    sinceMs: 5,
    timeoutMs: 20,
  });
  try {
    const [counted] = await Promise.allSettled([counting, clock.advance(20)]);
    if (counted.status === "rejected") throw counted.reason;
    return counted.value;
  } finally {
    await cluster.close();
  }
}

Deno.test("partitions are counted up to their ends", async () => {
  assertEquals(await asked([1, 1]), [7, 7]);
});

Deno.test("a partition without a leader has more records than any other", async () => {
  assertEquals(await asked([-1, 1]), [Infinity, 7]);
});

Deno.test("where no partition has a leader, that is the failure", async () => {
  await assertRejects(() => asked([-1, -1]), KafkaFailure, "LEADER_NOT_AVAILABLE");
});

Deno.test("a cluster that says nothing of the topic is not waited for beyond the time", async () => {
  await assertRejects(() => asked([], never), Error, "not in time");
});
