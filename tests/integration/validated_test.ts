// Contracts over a real broker: the example of a validated service, and commands in process. And the
// example of a stream.
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import * as math from "../contract/fixtures/math.ts";
import { Place } from "./place.ts";
import { Script } from "./script.ts";

const example = (name: string) => new URL(`../../examples/validated/${name}`, import.meta.url).href;

Deno.test("the validated example answers, fails with details, and refuses what does not fit", async () => {
  const topic = `test-${crypto.randomUUID()}`;
  await using server = new Script(example("server.ts"), topic);
  const serving = (line: string) => line.includes("serving");
  await server.errors.until((lines) => lines.some(serving), "the line of a server that serves");
  await using client = new Script(example("client.ts"), topic);
  const { stdout, stderr } = await client.end();
  assertEquals([stdout, stderr], [
    "a third: 0.333\n" +
    "primes: 2 3 5 7 11 13 17 19\n" +
    "divide: out_of_range | divisor: 0\n" +
    'mean: invalid_argument | stage: request | Cannot call "mean": the input is not what its ' +
    "schema says: `[1]`: Invalid input: expected number, received string. Correct the input.\n",
    "",
  ]);
});

Deno.test("contracts of commands in process hold over Kafka, for calls and streams", async () => {
  await using place = new Place();
  await place.serve({ commands: { ...math } as never });
  const client = await place.connect();
  assertEquals(await client.call("divide", { a: "6", b: 2 }), 3);
  const { code, details } = await assertRejects(() => client.call("greet", { name: "" }), RpcError);
  assertEquals([code, (details as { issues: unknown[] }).issues.length], ["invalid_argument", 1]);
  assertEquals(await Array.fromAsync(client.stream("count", { to: 3 })), [1, 2, 3]);
  const broken = () => Array.fromAsync(client.stream("count", { to: 4 }));
  assertEquals((await assertRejects(broken, RpcError)).code, "internal");
});

Deno.test("the example of a stream shows its progress, and leaves one before its end", async () => {
  const topic = `test-${crypto.randomUUID()}`;
  const of = (name: string) => new URL(`../../examples/${name}`, import.meta.url).href;
  await using server = new Script(of("server.ts"), topic);
  const serving = (line: string) => line.includes("serving");
  await server.errors.until((lines) => lines.some(serving), "the line of a server that serves");
  await using client = new Script(of("stream_client.ts"), topic);
  const { stdout, stderr } = await client.end();
  const bar = (done: number) => `${"█".repeat(done).padEnd(20, "░")} ${done}/20\n`;
  const bars = Array.from({ length: 20 }, (_, index) => bar(index + 1)).join("");
  assertEquals([stdout, stderr], [`${bars}left the second one at 998\n`, ""]);
});
