import { assertEquals } from "@std/assert";
import { health, type Probed, ready } from "../../src/telemetry/probes.ts";
import { openSides } from "./sides.ts";

const server = (state: "serving" | "joining" | "closed", ...partitions: number[]): Probed => {
  return { state, partitions };
};
const answerOf = async (response: Response) => ({
  status: response.status,
  ...await response.json() as { reasons?: string[] },
});

Deno.test("a server with partitions and a connected client are live and ready", async () => {
  await using sides = await openSides();
  const probes = [health(sides.server, sides.client), ready(sides.server, sides.client)];
  assertEquals(probes.map((probe) => probe().status), [200, 200]);
});

Deno.test("a server that was closed is neither live nor ready", async () => {
  const sides = await openSides();
  await sides[Symbol.asyncDispose]();
  const probes = [health(sides.server), ready(sides.server)];
  assertEquals(probes.map((probe) => probe().status), [503, 503]);
});

Deno.test("a client that was closed is neither live nor ready", async () => {
  const sides = await openSides();
  await sides[Symbol.asyncDispose]();
  const probes = [health(sides.client), ready(sides.client)];
  assertEquals(probes.map((probe) => probe().status), [503, 503]);
});

Deno.test("a client whose results stream is interrupted is live, not ready", () => {
  const side: Probed = { state: "reconnecting" };
  assertEquals([health(side)().status, ready(side)().status], [200, 503]);
});

Deno.test("a server outside its group is live for a while, not ready", () => {
  const side = server("joining");
  assertEquals([health(side)().status, ready(side)().status], [200, 503]);
});

Deno.test("a server without a partition is live, not ready", () => {
  const side = server("serving");
  assertEquals([health(side)().status, ready(side)().status], [200, 503]);
});

Deno.test("an answer names the reasons", async () => {
  const { reasons } = await answerOf(ready(server("joining"), { state: "closed" })());
  assertEquals(reasons, ["a server is no member of its consumer group", "a client is closed"]);
});

Deno.test("a server that stays outside its group for five minutes is not live", () => {
  const { now } = performance;
  let passed = 0;
  performance.now = () => now.call(performance) + passed;
  try {
    const probe = health(server("joining"));
    const before = probe().status;
    passed = 300_001;
    assertEquals([before, probe().status], [200, 503]);
  } finally {
    performance.now = now;
  }
});
