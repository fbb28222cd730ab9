import { assertEquals, assertMatch } from "@std/assert";
import { connect, type RpcError, serve, silentLogger } from "@kafka-rpc/deno";

/** The worst of the attacks: what is sent, and the code that its caller gets. */
const WORST: Readonly<Record<string, string>> = {
  "while (true);": "deadline_exceeded",
  "const a = []; while (true) a.push(new Uint8Array(10_000_000).fill(1))": "resource_exhausted",
  "const b = []; while (true) b.push({})": "resource_exhausted",
  "Deno.exit(1)": "unknown",
  "Deno.kill(Deno.pid, 'SIGKILL')": "unknown",
  "setTimeout(() => { throw new Error('late'); }, 0); new Promise(() => {})": "unknown",
  "import('node:fs').then((fs) => { fs.writeSync(1, 'forged'); return new Promise(() => {}); })":
    "unknown",
  "'x'.repeat(5_000_000)": "resource_exhausted",
  "Deno.readTextFileSync('/etc/passwd')": "permission_denied",
  "throw new Proxy({}, { get() { throw 1; } })": "unknown",
};

Deno.test("calls of neighbours are answered while every kind of attack runs", async () => {
  const topic = `attacks-${crypto.randomUUID()}`;
  await using _server = await serve({
    topic,
    evaluate: true,
    // The loop waits for it; everything else ends by itself before, on a busy machine too.
    limits: { memoryMb: 96, timeoutMs: 6_000 },
    concurrency: 2,
    logger: silentLogger,
  });
  await using client = await connect({ topic, timeoutMs: 60_000 });
  const attacks = Object.entries(WORST).map(async ([code, expected]) => {
    const error: unknown = await client.call("eval", code).catch((thrown) => thrown);
    assertEquals((error as RpcError).code, expected, code);
  });
  const neighbours = Array.from({ length: 20 }, async (_, i) => {
    assertEquals(await client.call("eval", `${i} * 2`), i * 2);
  });
  await Promise.all([...attacks, ...neighbours]);
});

Deno.test("a command of a module that never yields costs its neighbours nothing but time", async () => {
  const topic = `attacks-${crypto.randomUUID()}`;
  await using _server = await serve({
    topic,
    commands: new URL("../attacks/fixtures/stateful.ts", import.meta.url),
    concurrency: 2,
    limits: { timeoutMs: 500 },
    logger: silentLogger,
  });
  await using client = await connect({ topic, timeoutMs: 30_000 });
  const looping = client.call("loop").catch((error) => error);
  const counted = await Promise.all(Array.from({ length: 10 }, () => client.call("count")));
  assertEquals(counted.every((count) => typeof count === "number"), true);
  const error = await looping;
  assertMatch((error as RpcError).message, /ran longer than the \d+ ms/);
});
