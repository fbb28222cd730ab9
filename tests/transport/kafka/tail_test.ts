// Reading what a partition holds; the test plays its log.
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionFailed, LATEST, type Requests } from "../../../src/transport/kafka/port.ts";
import { readTail } from "../../../src/transport/kafka/tail.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { ManualClock } from "../../manual_clock.ts";
import { RecordingLogger } from "../../recording_logger.ts";
import { batch, valued } from "./batches/written.ts";
import { type Asked, FakePort, metadata } from "./fake_port.ts";
import { PlayedLog } from "./played_log.ts";

function tail(
  log: Pick<PlayedLog, "port">,
  positions: Map<number, bigint> = new Map(),
  maxRecords = 1_000,
) {
  const seen: string[] = [];
  const logger = new RecordingLogger();
  const closing = new AbortController().signal;
  const done = readTail({ cluster: log.port.cluster(1), logger, closing }, {
    topic: "t",
    positions,
    sinceMs: 0,
    maxRecords,
    timeoutMs: 5_000,
    onRecord: ({ value }) => seen.push(new TextDecoder().decode(value!)),
  });
  return { done, seen, positions, logger };
}

Deno.test("a tail is read to its end, and its position kept", async () => {
  const log = new PlayedLog();
  log.append(["0", "1"]);
  log.append(["2"]);
  const { done, seen, positions } = tail(log);
  await done;
  assertEquals([seen, positions.get(0)], [["0", "1", "2"], 3n]);
});

Deno.test("a tail whose last records were compacted away ends", async () => {
  const log = new PlayedLog();
  log.append(["0"], 5);
  const { done, positions } = tail(log);
  await done;
  assertEquals(positions.get(0), 6n);
});

Deno.test("a tail of nothing but offsets ends after some empty answers", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  log.end = 5n;
  const { done, seen } = tail(log);
  await clock.advance(1_000);
  await done;
  assertEquals(seen, []);
});

Deno.test("a position beyond the end is of another log: the tail is read from its beginning", async () => {
  const log = new PlayedLog();
  log.append(["0"]);
  const { done, seen } = tail(log, new Map([[0, 77n]]));
  await done;
  assertEquals(seen, ["0"]);
});

Deno.test("what can't be read of a tail is passed and logged", async () => {
  const log = new PlayedLog();
  log.put(batch(valued("x"), { baseOffset: 0n, crc: 1 }), 0);
  log.append(["1"]);
  const { done, seen, logger } = tail(log);
  await done;
  assertEquals([seen, logger.messages("warn").length], [["1"], 1]);
});

Deno.test("a tail is read from any broker that answers", async () => {
  const log = new PlayedLog();
  log.append(["0"]);
  log.port.opening = (port) =>
    port === 8 ? Promise.reject(new ConnectionFailed("network", "refused")) : undefined;
  const seen: string[] = [];
  const closing = new AbortController().signal;
  const logger = new RecordingLogger();
  await readTail({ cluster: log.port.cluster(8, 9), logger, closing }, {
    topic: "t",
    positions: new Map(),
    sinceMs: 0,
    maxRecords: 10,
    onRecord: () => seen.push("one"),
  });
  assertEquals(seen.length, 1);
});

Deno.test("a tail that may not be read says which right is missing", async () => {
  using clock = new ManualClock();
  const log = new PlayedLog();
  log.append(["0"]);
  log.error = 29;
  const { done } = tail(log);
  const rejected = assertRejects(() => done, RpcError, "may not Read topic t");
  await clock.advance(5_500);
  await rejected;
});

/** A topic with one large record on each of 32 partitions; its broker fills answers as Kafka does. */
function wideTopic(): Pick<PlayedLog, "port"> {
  const records = batch(valued("x".repeat(60_000)));
  const listed = ({ partitions }: Requests["ListOffsets"]) =>
    partitions.map((asked) => ({
      ...asked,
      error: 0,
      offset: asked.timestamp === LATEST ? 1n : 0n,
    }));
  const fetched = ({ partitions, maxBytes }: Requests["Fetch"]) => {
    let room = maxBytes;
    return partitions.map(({ topic, partition, offset }) => {
      const fits = offset === 0n && records.length <= room;
      if (fits) room -= records.length;
      const answered = { topic, partition, error: 0, highWatermark: 1n, logStartOffset: 0n };
      return { ...answered, records: fits ? records : new Uint8Array() };
    });
  };
  const answer = ({ api, request }: Asked) => {
    if (api === "Metadata") return metadata(1, { t: Array(32).fill(1) })({ port: 1, api, request });
    const partitions = api === "Fetch"
      ? fetched(request as Requests["Fetch"])
      : listed(request as Requests["ListOffsets"]);
    return { throttleMs: 0, error: 0, partitions };
  };
  return { port: new FakePort(answer) };
}

Deno.test("a broker is asked twice where partitions begin and end, however many it leads", async () => {
  const topic = wideTopic();
  await tail(topic).done;
  assertEquals(topic.port.asked.items.filter(({ api }) => api === "ListOffsets").length, 2);
});

Deno.test("a tail is read to its end where many answers must be filled with it", async () => {
  const { done, seen } = tail(wideTopic());
  await done;
  assertEquals(seen.length, 32);
});
