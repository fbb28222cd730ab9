// What becomes of records; the test plays the brokers.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConnectionFailed, type Requests } from "../../../src/transport/kafka/port.ts";
import { partitionOf } from "../../../src/transport/murmur2.ts";
import { RecordProducer } from "../../../src/transport/kafka/producer.ts";
import { silentLogger } from "../../../src/logging/logger.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { OutgoingRecord } from "../../../src/wire/record.ts";
import { ManualClock } from "../../manual_clock.ts";
import { type Answer, FakePort, metadata } from "./fake_port.ts";

const record = (topic: string, partition?: number, key: number | null = null): OutgoingRecord => ({
  topic,
  partition,
  key: key === null ? null : Uint8Array.of(key),
  value: Uint8Array.of(1),
  headers: {},
});

type Failing = (topic: string, partition: number, records: number) => number;

/** Acknowledges records, but for those with an error code. */
function acknowledge(known: Answer, codeOf: Failing = () => 0): Answer {
  return (asked) => {
    if (asked.api !== "Produce") return known(asked);
    const { partitions } = asked.request as Requests["Produce"];
    return {
      throttleMs: 0,
      partitions: partitions.map(({ topic, partition, records }) => {
        return {
          topic,
          partition,
          baseOffset: 0n,
          error: codeOf(topic, partition, records.length),
        };
      }),
    };
  };
}

function producer(answer: Answer) {
  const port = new FakePort(answer);
  const closing = new AbortController();
  const cluster = port.cluster(1);
  const parts = { cluster, logger: silentLogger, closing: closing.signal };
  const produced = () =>
    port.asked.items.filter(({ api }) => api === "Produce")
      .map((asked) => ({ ...asked, request: asked.request as Requests["Produce"] }));
  return { port, closing, produced, records: new RecordProducer(parts) };
}

Deno.test("records of one moment go in one request to each leader", async () => {
  const { records, produced } = producer(acknowledge(metadata(2, { t: [1, 2, 1] })));
  await Promise.all([0, 1, 2, 0].map((partition) => records.send(record("t", partition))));
  const sent = produced().map(({ port, request }) => {
    return [port, request.partitions.map((one) => [one.partition, one.records.length])];
  });
  assertEquals(sent, [[1, [[0, 2], [2, 1]]], [2, [[1, 1]]]]);
});

Deno.test("a record without a partition goes where its key belongs", async () => {
  const { records, produced } = producer(acknowledge(metadata(1, { t: [1, 1, 1] })));
  await records.send(record("t", undefined, 5));
  const partition = partitionOf(Uint8Array.of(5), 3);
  assertEquals(produced()[0]?.request.partitions[0]?.partition, partition);
});

Deno.test("records without a key go round the partitions that have a leader", async () => {
  const { records, produced } = producer(acknowledge(metadata(1, { t: [1, -1, 1] })));
  for (let i = 0; i < 4; i++) await records.send(record("t"));
  const partitions = produced().map(({ request }) => request.partitions[0]?.partition);
  assertEquals(partitions, [0, 2, 0, 2]);
});

Deno.test("a partition that refuses its records fails none of another", async () => {
  const codeOf: Failing = (_topic, partition) => partition === 1 ? 29 : 0;
  const { records } = producer(acknowledge(metadata(1, { t: [1, 1] }), codeOf));
  const settled = await Promise.allSettled([0, 1].map((one) => records.send(record("t", one))));
  assertEquals(settled.map(({ status }) => status), ["fulfilled", "rejected"]);
});

Deno.test("a missing right names operation and topic", async () => {
  const { records } = producer(acknowledge(metadata(1, { t: [1] }), () => 29));
  const error = await assertRejects(() => records.send(record("t")), RpcError);
  assertEquals(error.code, "permission_denied");
  assertStringIncludes(error.message, "Cannot send to t: may not Write topic t[0]");
});

Deno.test("a topic that may not be described names the right to write", async () => {
  const { records } = producer(metadata(1, { t: { error: 29 } }));
  await assertRejects(() => records.send(record("t")), RpcError, "may not Write topic t");
});

Deno.test("where one record of several is too large, the others are taken", async () => {
  const codeOf: Failing = (_topic, _partition, count) => count > 1 ? 10 : 0;
  const { records, produced } = producer(acknowledge(metadata(1, { t: [1] }), codeOf));
  await Promise.all([1, 2, 3].map(() => records.send(record("t", 0))));
  assertEquals(produced().length, 4);
});

Deno.test("a record alone that is too large is resource_exhausted", async () => {
  const { records } = producer(acknowledge(metadata(1, { t: [1] }), () => 10));
  const error = await assertRejects(() => records.send(record("t")), RpcError);
  assertEquals(error.code, "resource_exhausted");
});

for (const [code, name] of [[6, "NOT_LEADER"], [19, "NOT_ENOUGH_REPLICAS"], [999, "code 999"]]) {
  Deno.test(`after ${name} another attempt may help`, async () => {
    const { records } = producer(acknowledge(metadata(1, { t: [1] }), () => Number(code)));
    const error = await assertRejects(() => records.send(record("t")), RpcError, String(name));
    assertEquals(error.code, "unavailable");
  });
}

for (const [code, name] of [[32, "INVALID_TIMESTAMP"], [87, "INVALID_RECORD"], [44, "POLICY"]]) {
  Deno.test(`after ${name} no other attempt helps`, async () => {
    const { records } = producer(acknowledge(metadata(1, { t: [1] }), () => Number(code)));
    const error = await assertRejects(() => records.send(record("t")), RpcError, String(name));
    assertEquals(error.code, "failed_precondition");
  });
}

Deno.test("a leader that has moved is looked up before the next attempt", async () => {
  let leader = 1;
  const { records, produced } = producer((asked) =>
    acknowledge(metadata(2, { t: [leader] }), () => asked.port === leader ? 0 : 6)(asked)
  );
  await records.send(record("t"));
  leader = 2;
  await assertRejects(() => records.send(record("t")), RpcError, "NOT_LEADER");
  await records.send(record("t"));
  assertEquals(produced().map(({ port }) => port), [1, 1, 2]);
});

Deno.test("a topic that is gone fails its own records only", async () => {
  let there: Record<string, number[]> = { gone: [1], t: [1] };
  const { records } = producer((asked) => {
    return acknowledge(metadata(1, there), (topic) => topic in there ? 0 : 3)(asked);
  });
  await records.send(record("gone"));
  there = { t: [1] };
  const settled = await Promise.allSettled([
    records.send(record("gone")),
    records.send(record("t")),
  ]);
  assertEquals(settled.map(({ status }) => status), ["rejected", "fulfilled"]);
});

Deno.test("a topic that is not there is an outage for five seconds, then refused", async () => {
  using clock = new ManualClock();
  const { records } = producer(metadata(1));
  const code = async () => (await assertRejects(() => records.send(record("t")), RpcError)).code;
  const first = await code();
  await clock.advance(6_000);
  assertEquals([first, await code()], ["unavailable", "failed_precondition"]);
});

Deno.test("a topic that came back begins a new five seconds when it goes again", async () => {
  using clock = new ManualClock();
  let there: Record<string, number[]> = {};
  const { records } = producer((asked) => {
    return acknowledge(metadata(1, there), (topic) => topic in there ? 0 : 3)(asked);
  });
  const code = async () => (await assertRejects(() => records.send(record("t")), RpcError)).code;
  await code();
  there = { t: [1] };
  await records.send(record("t"));
  there = {};
  await clock.advance(6_000);
  assertEquals(await code(), "unavailable");
});

Deno.test("a lost connection is an outage, and the next attempt uses another", async () => {
  const known = acknowledge(metadata(1, { t: [1] }));
  let lost = true;
  const { records, port } = producer((asked) => {
    if (asked.api !== "Produce" || !lost) return known(asked);
    lost = false;
    port.connections.at(-1)!.fail(new ConnectionFailed("network", "reset"));
    return new Promise(() => {});
  });
  const error = await assertRejects(() => records.send(record("t")), RpcError, "reset");
  await records.send(record("t"));
  assertEquals(error.code, "unavailable");
});

Deno.test("prepare() opens the connection that the first record needs", async () => {
  const { records, port } = producer(acknowledge(metadata(1, { t: [1] })));
  await records.prepare(["t"]);
  const before = port.opens.items.length;
  await records.send(record("t"));
  assertEquals(port.opens.items.length, before);
});

Deno.test("after the end nothing is sent", async () => {
  const { records, closing } = producer(acknowledge(metadata(1, { t: [1] })));
  closing.abort();
  await assertRejects(() => records.send(record("t")), RpcError, "the transport is closed");
});

Deno.test("a record that nobody wants any more when the broker answers again is not sent", async () => {
  const { port, records, produced } = producer(acknowledge(metadata(1, { t: [1] })));
  const opened = Promise.withResolvers<void>();
  port.opening = () => opened.promise;
  const call = new AbortController();
  const unwanted = assertRejects(() => records.send(record("t", 0), call.signal), Error, "over");
  const wanted = records.send(record("t", 0));
  call.abort(new Error("over"));
  opened.resolve();
  await Promise.all([unwanted, wanted]);
  assertEquals(produced().map(({ request }) => request.partitions[0]?.records.length), [1]);
});

Deno.test("records of partitions without a leader share an error each partition", async () => {
  const { records } = producer(acknowledge(metadata(2, { t: [-1, -1] })));
  const sending = [0, 1, 0, 1].map((partition) => records.send(record("t", partition)));
  const errors = (await Promise.allSettled(sending)).map((one) => {
    return one.status === "rejected" ? one.reason : undefined;
  });
  assertEquals(errors.map((error) => errors.indexOf(error)), [0, 1, 0, 1]);
});

Deno.test("records that fail together share their error", async () => {
  const { port, records } = producer(acknowledge(metadata(1, { t: [1] })));
  port.opening = () => Promise.reject(new ConnectionFailed("network", "connection refused"));
  const settled = await Promise.allSettled([0, 0].map((one) => records.send(record("t", one))));
  const [first, second] = settled.map((one) => one.status === "rejected" ? one.reason : one);
  assertEquals([first instanceof RpcError, first === second], [true, true]);
});
