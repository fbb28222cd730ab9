// Reading without a group: what a healthy broker seldom does; the test plays it.
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { PartitionReader } from "../../../src/transport/kafka/reader.ts";
import type { PassedRecords } from "../../../src/transport/transport.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { Arrivals } from "../../arrivals.ts";
import { ManualClock } from "../../manual_clock.ts";
import { RecordingLogger } from "../../recording_logger.ts";
import { batch, valued } from "./batches/written.ts";
import { PlayedLog } from "./played_log.ts";

async function read(log: PlayedLog) {
  const seen = new Arrivals<string>();
  const passed = new Arrivals<PassedRecords>();
  const connected = new Arrivals<boolean>();
  const logger = new RecordingLogger();
  const closing = new AbortController().signal;
  const reader = await PartitionReader.start({ cluster: log.port.cluster(1), logger, closing }, {
    topic: "t",
    partition: 0,
    onRecord: ({ value }) => seen.push(new TextDecoder().decode(value!)),
    onUnreadable: passed.push,
    onConnected: connected.push,
  });
  return { reader, seen, passed, connected, logger };
}

Deno.test("reading begins at the latest offset", async () => {
  const log = new PlayedLog();
  log.append(["before"]);
  const { reader, seen } = await read(log);
  log.append(["after"]);
  assertEquals([await seen.at(0), reader.startOffset], ["after", 1n]);
  await reader.close();
});

Deno.test("reading goes on behind a batch whose last records were compacted away", async () => {
  const log = new PlayedLog();
  const { reader, seen } = await read(log);
  log.append(["0"], 4);
  log.append(["5"]);
  assertEquals([await seen.first(2), log.fetched.includes(5n)], [["0", "5"], true]);
  await reader.close();
});

Deno.test("a batch that can't be read is passed, logged once with its offsets, and given to the caller", async () => {
  const log = new PlayedLog();
  const { reader, seen, passed, logger } = await read(log);
  for (let i = 0; i < 3; i++) {
    log.put(batch(valued("x", "y"), { baseOffset: log.end, crc: 1 }), 1);
  }
  log.append(["after"]);
  assertEquals(await seen.at(0), "after");
  assertEquals(passed.items.map((one) => [one.fromOffset, one.lastOffset]), [[0n, 1n], [2n, 3n], [
    4n,
    5n,
  ]]);
  const lines = logger.messages("warn");
  await reader.close();
  assertEquals(lines, ["records that cannot be read are passed"]);
});

Deno.test("where the log was cut at its front, reading goes on at its first record", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  const { reader, seen } = await read(log);
  log.batches.length = 0;
  log.end = log.earliest = 100n;
  log.append(["100"]);
  await clock.advance(1_000);
  assertEquals(seen.items, ["100"]);
  await reader.close();
});

Deno.test("where the log is shorter than it was, its last records are read again", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  for (let i = 0; i < 5; i++) log.append([`${i}`]);
  const { reader, seen } = await read(log);
  log.batches.length = 0;
  log.end = 0n;
  log.append(["new"]);
  log.error = 1;
  await clock.advance(600);
  log.error = 0;
  await clock.advance(1_000);
  assertEquals(seen.items, ["new"]);
  await reader.close();
});

Deno.test("a topic that was deleted and made anew is read from its beginning", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  const { reader, seen, logger } = await read(log);
  log.isThere = false;
  log.error = 3;
  log.append(["wakes the fetch"]);
  await clock.advance(1_000);
  log.batches.length = 0;
  log.end = 0n;
  log.append(["first", "second"]);
  [log.isThere, log.error] = [true, 0];
  await clock.advance(4_000);
  assertEquals(seen.items, ["first", "second"]);
  const lines = logger.messages("warn");
  await reader.close();
  assertEquals(lines, ["records cannot be read"]);
});

Deno.test("a right that is revoked is an interruption that is logged once, and tried again", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  const { reader, seen, connected, logger } = await read(log);
  log.error = 29;
  log.append(["wakes the fetch"]);
  await clock.advance(10_000);
  const fetches = log.fetched.length;
  log.error = 0;
  await clock.advance(2_100);
  await reader.close();
  assertEquals([connected.items, logger.messages("warn").length], [[false, true], 2]);
  assertEquals([seen.items.length, fetches >= 5], [1, true]);
});

Deno.test("a lost connection is an interruption, and over with the first answer", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  const { reader, connected } = await read(log);
  await clock.advance(10);
  for (const one of log.port.connections) one.fail(new ConnectionFailed("network", "reset"));
  await clock.advance(500);
  assertEquals(connected.items, [false, true]);
  await reader.close();
});

Deno.test("another leader is no interruption", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  const { reader, seen, connected } = await read(log);
  log.error = 6;
  log.append(["0"]);
  await clock.advance(10);
  log.error = 0;
  await clock.advance(500);
  assertEquals([seen.items, connected.items], [["0"], []]);
  await reader.close();
});

Deno.test("who may know the offsets but not read is refused at the start", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  log.error = 29;
  const rejected = assertRejects(
    () => read(log),
    RpcError,
    "Cannot read t[0]: may not Read topic t",
  );
  await clock.advance(6_000);
  assertEquals((await rejected).code, "permission_denied");
});

Deno.test("a closed reader delivers nothing more", async () => {
  const log = new PlayedLog();
  const { reader, seen } = await read(log);
  await reader.close();
  log.append(["late"]);
  assertEquals(seen.items, []);
});
