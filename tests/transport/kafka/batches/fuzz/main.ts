/**
 * Mutated batches on a real broker: those that it accepts are read back by fetches and decoded.
 * Ends with exit code 1 where one of them is not passed by its end.
 *
 *   deno task fuzz [accepted] [seed]     10 000 by default, and at least half of them compressed
 *
 * @module
 */
import { Kafka, logLevel } from "../../../../../tools/quiet_kafkajs.ts";
import { mutants } from "./mutants.ts";
import { RawProducer } from "./raw_produce.ts";

const PARTITIONS = 20;
const [wanted = 10_000, seed = Date.now() % 1_000_000] = Deno.args.map(Number);
const [host = "", port = ""] = (Deno.env.get("KAFKA_BROKERS") ?? "").split(",")[0]!.split(":");
const topic = `fuzz-${crypto.randomUUID()}`;

/** Resolves once every partition takes records. */
async function createTopic(): Promise<void> {
  const admin = new Kafka({ brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  // By their own timestamps the batches may be of any year: where the run takes minutes, the broker
  // would delete them as too old.
  const configEntries = [{ name: "retention.ms", value: "-1" }];
  const topics = [{ topic, numPartitions: PARTITIONS, replicationFactor: 1, configEntries }];
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
}

/** Produces until enough is accepted; how much of what was. */
async function produce(): Promise<{ tried: number; accepted: number; compressed: number }> {
  using producer = await RawProducer.connect({ hostname: host, port: Number(port) }, topic);
  const source = mutants(seed);
  const seen = { tried: 0, accepted: 0, compressed: 0 };
  while (seen.accepted < wanted || 2 * seen.compressed < wanted) {
    // Not take(): it would end the source.
    const batches = Array.from({ length: PARTITIONS }, () => source.next().value);
    for (const { partition, error } of await producer.produce(batches.map(({ bytes }) => bytes))) {
      seen.tried++;
      if (error !== 0) continue;
      seen.accepted++;
      if (batches[partition]!.packed) seen.compressed++;
    }
  }
  return seen;
}

await createTopic();
const { tried, accepted, compressed } = await produce();
console.log(`seed ${seed}: the broker accepted ${accepted} of ${tried} mutated batches`);

const { success, stdout } = await new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    ...(Deno.env.get("KAFKA_RPC_DENO_FLAGS") ?? "").split(" ").filter(Boolean),
    "--allow-all",
    "--v8-flags=--expose-gc",
    new URL("./read_back.ts", import.meta.url).href,
    host,
    port,
    topic,
    `${PARTITIONS}`,
  ],
  stderr: "inherit",
}).output();
if (!success) Deno.exit(1);
const seen = JSON.parse(new TextDecoder().decode(stdout));
console.log(
  `${seen.batches} read back, ${seen.compressed} of them compressed: ${seen.records} records`,
);
console.log("passed:", seen.unreadable);
const growth = (seen.mostGrowth / 1e6).toFixed(0);
console.log(
  `slowest batch ${seen.slowestMs.toFixed(1)} ms; ` +
    `resident memory grew by ${growth} MB at most while a fetch was decoded`,
);
// A broker may say that it refused what it has appended, after a change of leaders for example.
if (seen.batches < accepted || seen.compressed < compressed) {
  console.error(`Accepted were ${accepted}, ${compressed} of them compressed.`);
  Deno.exit(1);
}
