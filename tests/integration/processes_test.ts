// Whole programs: how they end, and what they leave on the terminal.
import { assertEquals } from "@std/assert";
import { Place } from "./place.ts";
import { Script } from "./script.ts";

const newTopic = () => `test-${crypto.randomUUID()}`;

for (const signal of ["SIGINT", "SIGTERM"] satisfies Deno.Signal[]) {
  Deno.test(`${signal} ends a server in order: finished resolves, exit code 0`, async () => {
    await using script = new Script("server.ts", newTopic());
    await script.lines.at(0);
    script.kill(signal);
    const { code, stdout } = await script.end();
    assertEquals([code, stdout], [0, "ready\nfinished\n"]);
  });
}

Deno.test("a second signal ends a server at once, whatever still runs", async () => {
  await using place = new Place();
  await using script = new Script("server.ts", place.topic);
  await script.lines.at(0);
  const client = await place.connect();
  const call = client.call("forever").catch((error) => error.code);
  await script.lines.at(1);
  script.kill("SIGINT");
  const stopping = (line: string) => line.includes("stopping on a signal");
  await script.errors.until((lines) => lines.some(stopping), "the line of the first signal");
  script.kill("SIGINT");
  const { code, signal, stdout } = await script.end();
  await client.close();
  await call;
  // By its own hand, not by the system's: what the system would do depends on the moment.
  assertEquals([code, signal, stdout], [130, null, "ready\nstarted\n"]);
});

Deno.test("an open client that waits for nothing does not keep its process alive", async () => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" } });
  await using script = new Script("idle_client.ts", place.topic);
  const { code, stdout } = await script.end();
  assertEquals([code, stdout], [0, "pong\n"]);
});

Deno.test("a client that makes its own topics and is closed ends in order", async () => {
  await using script = new Script("closing_client.ts", newTopic());
  const { code, stdout, stderr } = await script.end();
  assertEquals([code, stdout, stderr], [0, "deadline_exceeded\nclosed\n", ""]);
});

Deno.test("a shared client that nobody closes does not keep its process alive", async () => {
  await using script = new Script("shared_client.ts");
  const { code, stdout, stderr } = await script.end();
  assertEquals([code, stdout, stderr], [0, "deadline_exceeded\n", ""]);
});

Deno.test("a client leaves nothing on the terminal: no warning, no line of kafkajs", async () => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" } });
  await using script = new Script("idle_client.ts", place.topic);
  assertEquals((await script.end()).stderr, "");
});

Deno.test("a server writes its own lines to standard error, and nothing else", async () => {
  await using place = new Place();
  await using script = new Script("server.ts", place.topic);
  await script.lines.at(0);
  const client = await place.connect();
  for (let i = 0; i < 20; i++) await client.call("ping");
  script.kill("SIGTERM");
  const { stderr } = await script.end();
  const foreign = stderr.trim().split("\n").filter((line) =>
    !/^\d{4}-\d\d-\d\dT[\d:.]+Z (info |warn ) [a-z]/.test(line) || /kafkajs|Timeout/.test(line)
  );
  assertEquals(foreign, []);
});
