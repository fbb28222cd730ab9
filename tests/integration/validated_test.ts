// The example of a validated service, over a real broker.
import { assertEquals } from "@std/assert";
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
    "divide: out_of_range | divisor: 0\n" +
    'mean: invalid_argument | stage: request | Cannot call "mean": the input is not what its ' +
    "schema says: `[1]`: Invalid input: expected number, received string. Correct the input.\n",
    "",
  ]);
});
