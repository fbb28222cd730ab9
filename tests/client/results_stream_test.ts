// What may lie on the results topic beside the reply that a call waits for.
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { ReadOptions } from "../../src/transport/transport.ts";
import { HEADER } from "../../src/wire/headers.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { ok } from "../pipeline/call_of.ts";
import { Peer } from "./peer.ts";
import { ManualClock } from "../manual_clock.ts";

/** Calls once and replies, so that everything before has been read. */
async function roundTrip(peer: Peer, index: number): Promise<void> {
  const result = peer.client.call("ping");
  peer.reply(await peer.request(index), ok(null));
  await result;
}

Deno.test("a reply that no call waits for is counted and dropped", async () => {
  await using peer = await Peer.connect();
  await roundTrip(peer, 0);
  peer.reply({ ...await peer.request(0), id: crypto.randomUUID() }, ok(1));
  await roundTrip(peer, 1);
  assertEquals([peer.client.counts.unmatched, peer.client.counts.replies], [1, 2]);
});

Deno.test("a duplicate reply is counted and dropped", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("ping");
  const request = await peer.request(0);
  peer.reply(request, ok("first"));
  peer.reply(request, ok("second"));
  assertEquals(await result, "first");
  await roundTrip(peer, 1);
  assertEquals(peer.client.counts.unmatched, 1);
});

Deno.test("a reply after the deadline is counted and dropped", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const rejected = assertRejects(() => peer.client.call("ping", 1, { timeoutMs: 5 }), RpcError);
  await clock.advance(5);
  await rejected;
  peer.reply(await peer.request(0), ok(1));
  await roundTrip(peer, 1);
  assertEquals(peer.client.counts.unmatched, 1);
});

const UNREADABLE: [string, Parameters<Peer["append"]>[1], string][] = [
  ["a tombstone", { headers: { [HEADER.status]: "ok" } }, "tombstone"],
  [
    "a version from the future",
    { value: new Uint8Array(0), headers: { [HEADER.version]: "2", [HEADER.status]: "ok" } },
    "its rpc-version is 2",
  ],
  ["no status", { value: new Uint8Array(0) }, "rpc-status is missing"],
  [
    "a status that is not UTF-8",
    { headers: { [HEADER.status]: Uint8Array.of(255) } },
    "rpc-status is not UTF-8",
  ],
];
for (const [what, record, reason] of UNREADABLE) {
  Deno.test(`a reply with ${what} rejects its call with data_loss`, async () => {
    await using peer = await Peer.connect();
    const result = peer.client.call("ping");
    const rejected = assertRejects(() => result, RpcError, reason);
    peer.append(await peer.request(0), record);
    assertEquals((await rejected).code, "data_loss");
  });
}

Deno.test("a result that is not JSON rejects its call with data_loss", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("ping");
  const rejected = assertRejects(() => result, RpcError, "not JSON");
  const value = new TextEncoder().encode("{oops");
  peer.append(await peer.request(0), { value, headers: { [HEADER.status]: "ok" } });
  assertEquals((await rejected).code, "data_loss");
});

Deno.test("a record that is no reply, and that no call waits for, is counted as malformed", async () => {
  const logger = new RecordingLogger();
  await using peer = await Peer.connect({ logger });
  await roundTrip(peer, 0);
  peer.append(await peer.request(0), { key: null });
  await roundTrip(peer, 1);
  assertEquals([peer.client.counts.malformed, logger.messages("warn")], [1, []]);
});

Deno.test("1 000 records of random bytes do no harm to real calls", async () => {
  await using peer = await Peer.connect();
  await roundTrip(peer, 0);
  const request = await peer.request(0);
  const random = () => crypto.getRandomValues(new Uint8Array(Math.floor(Math.random() * 50)));
  for (let i = 0; i < 1_000; i++) {
    peer.append(request, {
      key: random(),
      value: random(),
      headers: { [HEADER.version]: random(), "x": random() },
    });
  }
  await roundTrip(peer, 1);
  assertEquals(peer.client.counts.malformed + peer.client.counts.unmatched, 1_000);
});

Deno.test("the counts show what is pending", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("ping");
  const { pending } = peer.client.counts;
  peer.reply(await peer.request(0), ok(null));
  await result;
  assertEquals([pending, peer.client.counts.pending], [1, 0]);
});

Deno.test("an interruption of the replies is logged, and seen in the state", async () => {
  const transport = new MemoryBroker().transport();
  const read = transport.read.bind(transport);
  const connected = Promise.withResolvers<(connected: boolean, cause?: unknown) => void>();
  transport.read = (options) => {
    connected.resolve(options.onConnected!);
    return read(options);
  };
  const logger = new RecordingLogger();
  await using client = await connect({ transport, logger });
  const states: string[] = [];
  client.addEventListener("statechange", () => states.push(client.state));
  const report = await connected.promise;
  report(false, new Error("no answer from b:9092"));
  report(true);
  assertEquals([states, logger.messages("warn"), logger.messages("info")], [
    ["reconnecting", "connected"],
    ["results stream interrupted"],
    ["results stream reconnected"],
  ]);
  const [line] = logger.lines.items.filter(({ level }) => level === "warn");
  assertMatch(String(line?.fields["error"]), /no answer from b:9092/);
});

Deno.test("records of the results topic that cannot be read are counted as malformed", async () => {
  const broker = new MemoryBroker();
  const transport = broker.transport();
  const read = transport.read.bind(transport);
  const reads: ReadOptions[] = [];
  transport.read = (options) => {
    reads.push(options);
    return read(options);
  };
  await using client = await connect({ transport });
  const [{ topic, partition, onUnreadable }] = reads as [ReadOptions];
  onUnreadable!({ topic, partition, fromOffset: 3n, lastOffset: 5n, reason: "its codec is 7" });
  onUnreadable!({ topic, partition, fromOffset: 6n, lastOffset: undefined, reason: "no end" });
  assertEquals(client.counts.malformed, 4);
});
