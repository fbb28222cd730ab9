// Which address of a name a connection begins with; the test plays the brokers and time.
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { ManualClock } from "../../manual_clock.ts";
import { FakePort, metadata, never } from "./fake_port.ts";

const { signal } = new AbortController();
const ask = { topics: [] };

Deno.test("each try begins with another address of a name, a new connection with that which answered", async () => {
  using clock = new ManualClock();
  const port = new FakePort(metadata(1));
  port.opening = () => port.attempts.length === 1 ? never() : undefined;
  const lane = port.cluster(1).lane();
  const sent = lane.send("any", "Metadata", ask, { signal });
  await clock.advance(1_100);
  await sent;
  lane.reset();
  await lane.send("any", "Metadata", ask, { signal });
  assertEquals(port.attempts, [0, 1, 1]);
});

Deno.test("after an opening that failed, the next begins with another address of the name", async () => {
  const port = new FakePort(metadata(1));
  port.opening = () =>
    port.attempts.length === 1
      ? Promise.reject(new ConnectionFailed("network", "refused"))
      : undefined;
  const lane = port.cluster(1).lane();
  await assertRejects(() => lane.send("any", "Metadata", ask, { signal }), ConnectionFailed);
  await lane.send("any", "Metadata", ask, { signal });
  assertEquals(port.attempts, [0, 1]);
});

Deno.test("what one lane has found out of the addresses of a name serves the others", async () => {
  using clock = new ManualClock();
  const port = new FakePort(metadata(1));
  port.opening = () => port.attempts.at(-1) === 0 ? never() : undefined;
  const cluster = port.cluster(1);
  const sent = cluster.lane().send("any", "Metadata", ask, { signal });
  await clock.advance(1_100);
  await sent;
  await cluster.lane().send("any", "Metadata", ask, { signal });
  assertEquals(port.attempts, [0, 1, 1]);
});

Deno.test("lanes that open at the same time begin with the same address of a name", async () => {
  const port = new FakePort(metadata(1));
  const cluster = port.cluster(1);
  const lanes = [cluster.lane(), cluster.lane(), cluster.lane()];
  await Promise.all(lanes.map((lane) => lane.send("any", "Metadata", ask, { signal })));
  assertEquals(port.attempts, [0, 0, 0]);
});
