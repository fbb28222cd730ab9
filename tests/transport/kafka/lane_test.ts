// How connections to brokers are opened, held and given up; the test plays the brokers and time.
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionFailed, type OpenOptions } from "../../../src/transport/kafka/port.ts";
import { ManualClock } from "../../manual_clock.ts";
import { FakePort, metadata, never } from "./fake_port.ts";

const { signal } = new AbortController();
const ask = { topics: [] };
const refused = () => Promise.reject(new ConnectionFailed("network", "connection refused"));

Deno.test("one connection serves the requests of a lane to a broker", async () => {
  const port = new FakePort(metadata(1));
  const lane = port.cluster(1).lane();
  await lane.send("any", "Metadata", ask, { signal });
  await lane.send("any", "Metadata", ask, { signal });
  assertEquals(port.opens.items, [1]);
});

Deno.test("requests that come while a connection is opened share it", async () => {
  const port = new FakePort(metadata(1));
  const lane = port.cluster(1).lane();
  await Promise.all([1, 2, 3].map(() => lane.send("any", "Metadata", ask, { signal })));
  assertEquals(port.opens.items, [1]);
});

Deno.test("each lane has connections of its own", async () => {
  const port = new FakePort(metadata(1));
  const cluster = port.cluster(1);
  for (const lane of [cluster.lane(), cluster.lane()]) {
    await lane.send("any", "Metadata", ask, { signal });
  }
  assertEquals(port.opens.items, [1, 1]);
});

Deno.test("any broker is asked after those that refuse the connection", async () => {
  using clock = new ManualClock();
  // Each list begins with its first broker.
  clock.random = () => 0;
  const port = new FakePort(metadata(1));
  port.opening = (to) => to === 3 ? undefined : refused();
  await port.cluster(1, 2, 3).lane().send("any", "Metadata", ask, { signal });
  assertEquals(port.asked.items[0]?.port, 3);
});

Deno.test("a broker that swallows the opening holds nothing up: another is tried beside it", async () => {
  using clock = new ManualClock();
  const port = new FakePort(metadata(1));
  port.opening = (to) => to === 2 ? undefined : never();
  const sent = port.cluster(1, 2).lane().send("any", "Metadata", ask, { signal });
  await clock.advance(500);
  await sent;
  assertEquals(port.asked.items[0]?.port, 2);
});

Deno.test("a swallowed opening is tried again beside the first", async () => {
  using clock = new ManualClock();
  let swallowed = true;
  const port = new FakePort(metadata(1));
  port.opening = () => swallowed ? never() : undefined;
  const sent = port.cluster(1).lane().send("any", "Metadata", ask, { signal });
  await clock.advance(900);
  swallowed = false;
  await clock.advance(200);
  await sent;
  assertEquals(port.opens.items.length, 2);
});

Deno.test("an opening that takes four seconds is waited for", async () => {
  using clock = new ManualClock();
  const port = new FakePort(metadata(1));
  port.opening = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.timer(4_000, resolve);
    await promise;
  };
  const sent = port.cluster(1).lane().send("any", "Metadata", ask, { signal });
  await clock.advance(4_100);
  assertEquals((await sent).brokers.length, 1);
});

Deno.test("credentials that a broker refuses are not tried at the next one", async () => {
  const port = new FakePort(metadata(1));
  port.opening = () => Promise.reject(new ConnectionFailed("authentication", "wrong"));
  const lane = port.cluster(1, 2).lane();
  const failure = await assertRejects(() => lane.send("any", "Metadata", ask, { signal }));
  assertEquals([(failure as ConnectionFailed).kind, port.opens.items.length], [
    "authentication",
    1,
  ]);
});

Deno.test("a connection without a byte for too long is ended", async () => {
  using clock = new ManualClock();
  const port = new FakePort(never);
  const sent = port.cluster(1).lane().send("any", "Metadata", ask, { signal });
  const rejected = assertRejects(() => sent, ConnectionFailed, "b:1: no answer");
  await clock.advance(1_700);
  await rejected;
  assertEquals(port.connections[0]?.isOpen, false);
});

Deno.test("an answer that takes longer than the patience comes, while its bytes do", async () => {
  using clock = new ManualClock();
  const answered = Promise.withResolvers<unknown>();
  const port = new FakePort(() => answered.promise);
  const sent = port.cluster(1).lane().send("any", "Metadata", ask, { signal });
  await clock.advance(1_000);
  for (let second = 0; second < 8; second++) {
    port.connections[0]!.bytesReceived += 1;
    await clock.advance(1_000);
  }
  answered.resolve({ ...metadata(2)({ port: 1, api: "Metadata", request: ask }) as object });
  assertEquals((await sent).brokers.length, 2);
});

Deno.test("the patience grows after a late answer: one of four seconds is had at last", async () => {
  using clock = new ManualClock();
  const port = new FakePort(async (asked) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.timer(4_000, resolve);
    await promise;
    return metadata(1)(asked);
  });
  const lane = port.cluster(1).lane();
  const attempts = async () => {
    for (let attempt = 1;; attempt++) {
      try {
        await lane.send("any", "Metadata", ask, { signal });
        return attempt;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  };
  const done = attempts();
  await clock.advance(15_000);
  assertEquals(await done, 3);
});

Deno.test("a process that stood still does not take it for silence of the broker", async () => {
  using clock = new ManualClock();
  const answered = Promise.withResolvers<unknown>();
  const port = new FakePort(() => answered.promise);
  const sent = port.cluster(1).lane().send("any", "Metadata", ask, { signal });
  await clock.advance(100);
  clock.jump(60_000);
  await clock.advance(300);
  answered.resolve(metadata(1)({ port: 1, api: "Metadata", request: ask }));
  assertEquals((await sent).brokers.length, 1);
});

Deno.test("after an idle time, silence is noticed within a second", async () => {
  using clock = new ManualClock();
  let alive = true;
  const port = new FakePort((asked) => alive ? metadata(1)(asked) : never());
  const lane = port.cluster(1).lane();
  await lane.send("any", "Metadata", ask, { signal });
  alive = false;
  await clock.advance(60_000);
  const produce = { timeoutMs: 1, partitions: [] };
  const sent = lane.send("any", "Produce", produce, { signal, silenceMs: 3_000 });
  const rejected = assertRejects(() => sent, ConnectionFailed);
  await clock.advance(1_000);
  await rejected;
});

Deno.test("after an idle time, a slow acknowledgement is no silence", async () => {
  using clock = new ManualClock();
  const acknowledged = Promise.withResolvers<unknown>();
  const port = new FakePort((asked) =>
    asked.api === "Produce" ? acknowledged.promise : metadata(1)(asked)
  );
  const lane = port.cluster(1).lane();
  await lane.send("any", "Metadata", ask, { signal });
  await clock.advance(60_000);
  const produce = { timeoutMs: 1, partitions: [] };
  const sent = lane.send("any", "Produce", produce, { signal, silenceMs: 3_000 });
  await clock.advance(2_000);
  acknowledged.resolve({ throttleMs: 0, partitions: [] });
  assertEquals((await sent).partitions, []);
});

Deno.test("a throttled connection is not sent to before its time", async () => {
  using clock = new ManualClock();
  const port = new FakePort((asked) => ({ ...metadata(1)(asked) as object, throttleMs: 2_000 }));
  const lane = port.cluster(1).lane();
  await lane.send("any", "Metadata", ask, { signal });
  const sent = lane.send("any", "Metadata", ask, { signal });
  await clock.advance(1_900);
  const before = port.asked.items.length;
  await clock.advance(200);
  await sent;
  assertEquals([before, port.asked.items.length], [1, 2]);
});

Deno.test("silence does not count while a broker throttles the connection", async () => {
  using clock = new ManualClock();
  const second = Promise.withResolvers<unknown>();
  let asks = 0;
  const port = new FakePort((asked) =>
    ++asks === 1 ? { ...metadata(1)(asked) as object, throttleMs: 5_000 } : second.promise
  );
  const lane = port.cluster(1).lane();
  const first = lane.send("any", "Metadata", ask, { signal });
  const sent = lane.send("any", "Metadata", ask, { signal });
  await first;
  await clock.advance(5_500);
  second.resolve(metadata(1)({ port: 1, api: "Metadata", request: ask }));
  assertEquals((await sent).brokers.length, 1);
});

Deno.test("reset() ends what is in flight, and the next request opens a new connection", async () => {
  let answers = false;
  const port = new FakePort((asked) => answers ? metadata(1)(asked) : never());
  const lane = port.cluster(1).lane();
  const sent = lane.send("any", "Metadata", ask, { signal });
  await port.asked.at(0);
  lane.reset();
  await assertRejects(() => sent, ConnectionFailed);
  answers = true;
  await lane.send("any", "Metadata", ask, { signal });
  assertEquals(port.opens.items.length, 2);
});

Deno.test("a closed lane opens nothing, and ends an opening", async () => {
  const port = new FakePort(metadata(1));
  port.opening = () => never();
  const lane = port.cluster(1).lane();
  const sent = lane.send("any", "Metadata", ask, { signal });
  await port.opens.at(0);
  lane.close();
  await assertRejects(() => sent, ConnectionFailed);
  await assertRejects(() => lane.send("any", "Metadata", ask, { signal }), ConnectionFailed);
  assertEquals(port.opens.items.length, 1);
});

Deno.test("a connection that is open only after the end of its lane is closed", async () => {
  const opening = Promise.withResolvers<void>();
  class Late extends FakePort {
    override async open(address: { host: string; port: number }, options: OpenOptions) {
      await opening.promise;
      return await super.open(address, { ...options, signal });
    }
  }
  const port = new Late(metadata(1));
  const lane = port.cluster(1).lane();
  const sent = lane.send("any", "Metadata", ask, { signal });
  lane.close();
  opening.resolve();
  await assertRejects(() => sent, ConnectionFailed);
  await port.opens.at(0);
  const failure = await port.connections[0]!.ended;
  assertEquals(failure.kind, "closed");
});

Deno.test("a signal ends the wait of its own request only", async () => {
  const answered = Promise.withResolvers<unknown>();
  const port = new FakePort(() => answered.promise);
  const lane = port.cluster(1).lane();
  const end = new AbortController();
  const mine = lane.send("any", "Metadata", ask, { signal: end.signal });
  const other = lane.send("any", "Metadata", ask, { signal });
  await port.asked.first(2);
  end.abort(new TypeError("mine"));
  await assertRejects(() => mine, TypeError, "mine");
  answered.resolve(metadata(1)({ port: 1, api: "Metadata", request: ask }));
  assertEquals((await other).brokers.length, 1);
});

Deno.test("what swallowed one connection is not waited for on another that was idle", async () => {
  using clock = new ManualClock();
  let alive = true;
  const port = new FakePort((asked) => alive ? metadata(1)(asked) : never());
  const cluster = port.cluster(1);
  const [one, other] = [cluster.lane(), cluster.lane()];
  for (const lane of [other, one]) await lane.send("any", "Metadata", ask, { signal });
  alive = false;
  const rejected = assertRejects(() => one.send("any", "Metadata", ask, { signal }));
  await clock.advance(2_000);
  await rejected;
  alive = true;
  await other.send("any", "Metadata", ask, { signal });
  assertEquals(port.connections.map(({ isOpen }) => isOpen), [false, false, true]);
});
