import { assertEquals, assertThrows } from "@std/assert";
import { type ServeOptions, serverSettings } from "../../src/server/options.ts";
import { RpcError } from "../../src/wire/errors.ts";

const commands = { ping: () => "pong" };
const module = new URL("file:///commands.ts");

Deno.test("topics and group follow the topic", () => {
  const { topic, resultsTopic, group } = serverSettings({ commands, topic: "jobs" });
  assertEquals([topic, resultsTopic, group], ["jobs", "jobs_results", "jobs-servers"]);
});

Deno.test("replies go to the results topic alone where nothing else is said", () => {
  assertEquals(serverSettings({ commands }).replyTopics, new Set(["commands_results"]));
});

Deno.test("evaluate is off where nothing else is said", () => {
  assertEquals(serverSettings({ commands }).evaluate, false);
});

Deno.test("100 functions of an object run at a time", () => {
  assertEquals(serverSettings({ commands }).concurrency, 100);
});

Deno.test("stacks stay here where nothing else is said", () => {
  assertEquals(serverSettings({ commands }).sendStacks, false);
});

Deno.test("a module runs in child processes where nothing else is said", () => {
  assertEquals(serverSettings({ commands: module }).isolation, "process");
});

Deno.test("an object of functions runs in this process", () => {
  assertEquals(serverSettings({ commands }).isolation, "none");
});

const WRONG: [string, ServeOptions, string][] = [
  ["nothing to serve", {}, "there is nothing to serve"],
  ["commands that are text", { commands: "./commands.ts" as never }, "neither a URL nor an object"],
  ["commands that are null", { commands: null as never }, "neither a URL nor an object"],
  ["a module in the main thread", { commands: module, isolation: "none" }, "object of functions"],
  ["an object in a worker", { commands, isolation: "worker" }, "cannot run in a worker"],
  ["an unknown isolation", { commands, isolation: "vm" as never }, '`isolation` is "vm"'],
  ["permissions for an object", { commands, permissions: {} }, "`permissions` are for"],
  ["concurrency 0", { commands, concurrency: 0 }, "concurrency = 0"],
  ["concurrency over its end", { commands, concurrency: 10_001 }, "from 1 to 10000"],
  ["a wrong topic", { commands, topic: "a b" }, "topic = "],
  ["a wrong reply topic", { commands, replyTopics: ["a/b"] }, "replyTopics = "],
  ["one topic for both ways", { commands, topic: "x", resultsTopic: "x" }, "Give each a topic"],
  ["replies among commands", { commands, topic: "x", replyTopics: ["x"] }, "one of `replyTopics`"],
  ["a limit of 0 ms", { commands, limits: { timeoutMs: 0 } }, "limits.timeoutMs = 0"],
  ["a limit of half a byte", { commands, limits: { requestBytes: 0.5 } }, "limits.requestBytes"],
  ["a negative result limit", { commands, limits: { resultBytes: -1 } }, "limits.resultBytes"],
  ["a drain of no time", { commands, drainTimeoutMs: 0 }, "drainTimeoutMs = 0"],
];
for (const [what, options, text] of WRONG) {
  Deno.test(`${what} is refused with invalid_argument`, () => {
    const error = assertThrows(() => serverSettings(options), RpcError, text);
    assertEquals(error.code, "invalid_argument");
  });
}
