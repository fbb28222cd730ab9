// Connections whose authentication ends; the test plays the brokers and time.
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { ManualClock } from "../../manual_clock.ts";
import { within } from "../../within.ts";
import { FakePort, metadata, never } from "./fake_port.ts";

const { signal } = new AbortController();
const ask = { topics: [] };

Deno.test("at 80 % of its session another connection is opened", async () => {
  using clock = new ManualClock();
  const port = new FakePort(metadata(1));
  port.sessionMs = 10_000;
  const lane = port.cluster(1).lane();
  await lane.send(1, "Metadata", ask, { signal });
  const before = port.opens.items.length;
  await clock.advance(8_500);
  await lane.send(1, "Metadata", ask, { signal });
  await port.opens.at(before);
  assertEquals(port.opens.items.length, before + 1);
});

Deno.test("at 80 % of its session a connection is replaced, without a request that waits", async () => {
  using clock = new ManualClock();
  const port = new FakePort(metadata(1));
  port.sessionMs = 10_000;
  const cluster = port.cluster(1);
  const lane = cluster.lane();
  await lane.send(1, "Metadata", ask, { signal });
  await clock.advance(8_500);
  port.opening = () => never();
  await lane.send(1, "Metadata", ask, { signal });
  assertEquals(port.connections.length, 2); // one of them asked who node 1 is
});

Deno.test("a connection past its session is not used any more", async () => {
  using clock = new ManualClock();
  const port = new FakePort(metadata(1));
  port.sessionMs = 10_000;
  const lane = port.cluster(1).lane();
  await lane.send("any", "Metadata", ask, { signal });
  await clock.advance(11_000);
  await lane.send("any", "Metadata", ask, { signal });
  assertEquals(port.opens.items.length, 2);
});

Deno.test("a connection that was replaced ends with its lane, whatever it still waits for", async () => {
  using clock = new ManualClock();
  let answers = true;
  const port = new FakePort((asked) => answers ? metadata(1)(asked) : never());
  port.sessionMs = 10_000;
  const cluster = port.cluster(1);
  const lane = cluster.lane();
  await lane.send(1, "Metadata", ask, { signal });
  await clock.advance(8_500);
  answers = false;
  const parked = lane.send(1, "Metadata", ask, { signal });
  await clock.advance(1);
  const opened = port.connections.length;
  cluster.close();
  await assertRejects(() => within(parked, "the end of the request"), ConnectionFailed);
  assertEquals(opened, 3); // that of the questions, the first one, and the one in its place
});
