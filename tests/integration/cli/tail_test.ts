// `rpc tail` on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { Place } from "../place.ts";
import { Script } from "../script.ts";

const MAIN = "../../../src/cli/main.ts";

async function follow(topic: string, ...args: string[]): Promise<Script> {
  const script = new Script(MAIN, "tail", "--topic", topic, ...args);
  await script.errors.at(0);
  return script;
}

const commands = {
  ping: () => "pong",
  fail: () => {
    throw new RangeError("boom");
  },
};

Deno.test("an operator follows calls", async (t) => {
  await using place = new Place();
  const server = await place.serve({ commands });
  const client = await place.connect();

  await t.step("each call is a value, with its outcome and server", async () => {
    await using tail = await follow(place.topic, "--json", "--count", "2");
    await client.call("ping");
    await client.call("fail").catch(() => {});
    const { code, stdout } = await tail.end();
    const calls = stdout.trim().split("\n").map((line) => JSON.parse(line));
    // In the order in which they are read: their records lie in several partitions.
    const facts = calls.map((call) => [call.command, call.code, call.server]).sort();
    assertEquals([code, facts], [0, [["fail", "unknown", server.id], ["ping", "ok", server.id]]]);
  });

  await t.step("--failed shows failed calls only", async () => {
    await using tail = await follow(place.topic, "--failed", "--json", "--count", "1");
    await client.call("ping");
    await client.call("fail").catch(() => {});
    const { stdout } = await tail.end();
    assertEquals(JSON.parse(stdout).command, "fail");
  });

  await t.step("Ctrl-C ends it with a summary; exit code 0", async () => {
    await using tail = await follow(place.topic);
    await client.call("ping");
    await tail.lines.until((lines) => lines.some((line) => line.includes("ping")), "the call");
    tail.kill("SIGINT");
    const { code, stderr } = await tail.end();
    assertEquals(code, 0);
    assertMatch(stderr, /^1 call seen, 1 shown$/m);
  });
});

Deno.test("of what was before, each reply is joined with its request, and a missing one is told", async () => {
  await using place = new Place();
  await place.createTopics({ commands: 1, results: 1 });
  const { topic, resultsTopic } = place;
  const request = { "rpc-version": "1", "rpc-command": "add", "rpc-deadline": "1700000000000" };
  const reply = { "rpc-version": "1", "rpc-status": "ok" };
  await place.produce({ topic, key: "answered", value: "1", headers: request });
  await place.produce({ topic, key: "lost", value: "1", headers: request });
  await place.produce({ topic: resultsTopic, key: "answered", value: "2", headers: reply });
  await using tail = await follow(topic, "--json", "--since", "1h", "--count", "2");
  const { stdout } = await tail.end();
  const calls = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(calls.map(({ id, command, code }) => [id, command, code]), [
    ["answered", "add", "ok"],
    ["lost", "add", "no reply"],
  ]);
});

Deno.test("a topic that is not there: exit code 1, and nothing is created", async () => {
  const script = new Script(MAIN, "tail", "--topic", `test-${crypto.randomUUID()}`);
  const { code, stderr } = await script.end();
  await script[Symbol.asyncDispose]();
  assertEquals([code, stderr.includes("UNKNOWN_TOPIC_OR_PARTITION")], [1, true], stderr);
});
