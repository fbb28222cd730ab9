// Sandboxes with many calls in flight, on a real broker.
import { assertEquals } from "@std/assert";
import { connect, type RpcError, serve, silentLogger } from "@kafka-rpc/deno";

const commands = new URL("../attacks/fixtures/neighbours.ts", import.meta.url);

Deno.test("200 calls that wait at the same time take three children", async () => {
  const topic = `shared-${crypto.randomUUID()}`;
  // Two sandboxes and a spare one, on any machine.
  const sizes = { concurrency: 200, callsPerSandbox: 100 };
  await using _server = await serve({ topic, commands, ...sizes, logger: silentLogger });
  await using client = await connect({ topic, timeoutMs: 60_000 });
  const calls = Array.from({ length: 200 }, () => client.call("rest", 50));
  const rests = await Promise.all(calls) as { pid: number; peak: number }[];
  const children = new Set(rests.map(({ pid }) => pid));
  const peak = Math.max(...rests.map(({ peak }) => peak));
  assertEquals([children.size <= 3, peak >= 10], [true, true], `${children.size}, ${peak}`);
});

Deno.test("a command that never yields costs its neighbours an aborted or nothing, and a retry hides that", async () => {
  const topic = `shared-${crypto.randomUUID()}`;
  await using _server = await serve({
    topic,
    commands,
    concurrency: 40,
    callsPerSandbox: 40,
    logger: silentLogger,
  });
  await using client = await connect({ topic, timeoutMs: 60_000, retry: { attempts: 5 } });
  // Its own time only: a neighbour that has begun could lose its own behind it.
  const looping = client.call("loop", undefined, { timeoutMs: 1_000 }).catch((error) => error);
  const neighbours = await Promise.all(
    Array.from({ length: 60 }, (_, i) => client.call("mark", `n${i}`)),
  );
  assertEquals(neighbours, Array.from({ length: 60 }, (_, i) => `n${i}`));
  assertEquals((await looping as RpcError).code, "deadline_exceeded");
});
