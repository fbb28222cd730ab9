// Where records go that could not be read.
import { assertEquals } from "@std/assert";
import { DeadLetters } from "../../src/server/dead_letters.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { ProduceRetries } from "../../src/transport/produce_retries.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { recordOf } from "../wire/record_of.ts";

/** Sends to a broker in this process. */
const sendingTo = (broker: MemoryBroker) =>
  new ProduceRetries(broker.transport(), { background: false });

const text = (bytes: Uint8Array | null | undefined) => bytes && new TextDecoder().decode(bytes);

Deno.test("a record is kept as it came, with the reason and its place", async () => {
  const broker = new MemoryBroker();
  broker.createTopic("dlt");
  const letters = new DeadLetters("dlt", sendingTo(broker), new RecordingLogger());
  const headers = { "x-own": "1" };
  await letters.keep(recordOf({ key: "k", value: "v", headers }), "no command");
  const [kept] = broker.partitions("dlt")[0]!.records;
  const seen = Object.fromEntries([...kept!.headers].map(([name, value]) => [name, text(value)]));
  assertEquals([text(kept?.key), text(kept?.value), seen["x-own"], seen["rpc-dlt-reason"]], [
    "k",
    "v",
    "1",
    "no command",
  ]);
});

Deno.test("of records whose bytes cannot be read the place is kept, and the reason", async () => {
  const broker = new MemoryBroker();
  broker.createTopic("dlt");
  const letters = new DeadLetters("dlt", sendingTo(broker), new RecordingLogger());
  const passed = { topic: "commands", partition: 3, fromOffset: 7n, lastOffset: 9n };
  await letters.keepPlace({ ...passed, reason: "its checksum is wrong" });
  const [kept] = broker.partitions("dlt")[0]!.records;
  const headers = Object.fromEntries(
    [...kept!.headers].map(([name, value]) => [name, text(value)]),
  );
  assertEquals([kept!.key, kept!.value, headers], [null, null, {
    "rpc-dlt-reason": "its checksum is wrong",
    "rpc-dlt-topic": "commands",
    "rpc-dlt-partition": "3",
    "rpc-dlt-offset": "7",
    "rpc-dlt-last-offset": "9",
  }]);
});

Deno.test("many records that cannot be kept are two lines, which count them", async () => {
  const logger = new RecordingLogger();
  using letters = new DeadLetters("absent", sendingTo(new MemoryBroker()), logger);
  for (let i = 0; i < 10; i++) await letters.keep(recordOf({ value: "v" }), "no command");
  letters[Symbol.dispose]();
  assertEquals(logger.lines.items.map(({ fields }) => fields["unreported"]), [undefined, 8]);
});

Deno.test("a record that cannot be kept is logged, and delays no other", async () => {
  const logger = new RecordingLogger();
  const letters = new DeadLetters("absent", sendingTo(new MemoryBroker()), logger);
  await letters.keep(recordOf({ value: "v" }), "no command");
  assertEquals(logger.messages("error"), ["a record could not be put on the dead-letter topic"]);
});
