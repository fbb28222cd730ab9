import { assertEquals, assertThrows } from "@std/assert";
import type { ServeOptions } from "../../src/server/options.ts";
import { serverSettings } from "../../src/server/settings.ts";
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

for (
  const [given, isolation] of [
    [true, "realm"],
    [{}, "realm"],
    [{ isolation: "process" }, "process"],
    [false, false],
  ] as const
) {
  Deno.test(`evaluate: ${Deno.inspect(given)} evaluates in: ${isolation}`, () => {
    assertEquals(serverSettings({ commands, evaluate: given }).evaluate, isolation);
  });
}

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

const WRONG: [string, unknown, string][] = [
  ["nothing", undefined, "the options of serve(): they are missing"],
  ["nothing to serve", {}, "there is nothing to serve"],
  ["commands that are text", { commands: "./commands.ts" }, "neither a URL nor an object"],
  ["commands that are null", { commands: null }, "neither a URL nor an object"],
  ["commands that are a list", { commands: [] }, "neither a URL nor an object"],
  ["a module in the main thread", { commands: module, isolation: "none" }, "object of functions"],
  ["an object in a worker", { commands, isolation: "worker" }, "cannot run in a worker"],
  [
    "an unknown isolation",
    { commands, isolation: "vm" },
    '`isolation`: it is "vm". Give "process"',
  ],
  [
    "a codec that is no URL",
    { commands: module, codecs: ["./codec.ts"] },
    '`codecs[0]`: it is "./codec.ts". Give new URL(',
  ],
  ["a misspelt isolation", { commands: module, isolation: "proces" }, 'Did you mean "process"?'],
  [
    "a misspelt isolation of expressions",
    { evaluate: { isolation: "proces" } },
    '`evaluate.isolation`: it is "proces". Did you mean "process"?',
  ],
  [
    "a misspelt option of expressions",
    { evaluate: { isolaton: "process" } },
    "Did you mean `evaluate.isolation`?",
  ],
  [
    "evaluate as text",
    { commands, evaluate: "false" },
    "`evaluate`: it is a string, not an object. Give true, false or",
  ],
  ["permissions for an object", { commands, permissions: {} }, "`permissions` are for"],
  ["concurrency 0", { commands, concurrency: 0 }, "`concurrency`: it is 0."],
  ["concurrency over its end", { commands, concurrency: 10_001 }, "from 1 to 10000"],
  ["a wrong topic", { commands, topic: "a b" }, "`topic`: it is "],
  ["a wrong group", { commands, group: "" }, "`group`: it is "],
  ["a wrong reply topic", { commands, replyTopics: ["a/b"] }, "`replyTopics[0]`: it is "],
  ["reply topics that are text", { commands, replyTopics: "x" }, '`replyTopics`: it is "x", not a'],
  ["one topic for both ways", { commands, topic: "x", resultsTopic: "x" }, "Give each a topic"],
  ["replies among commands", { commands, topic: "x", replyTopics: ["x"] }, "one of `replyTopics`"],
  ["a misspelt limit", { commands, limits: { timeout: 5 } }, "Did you mean `limits.timeoutMs`?"],
  ["a limit at the top", { commands, memoryMb: 64 }, "Did you mean `limits.memoryMb`?"],
  ["an option of connect()", { commands, maxPending: 5 }, "serve() has no option of this name"],
  ["a limit of 0 ms", { commands, limits: { timeoutMs: 0 } }, "`limits.timeoutMs`: it is 0."],
  ["a limit of half a byte", { commands, limits: { requestBytes: 0.5 } }, "`limits.requestBytes`"],
  ["a negative result limit", { commands, limits: { resultBytes: -1 } }, "`limits.resultBytes`"],
  ["too little memory", { commands, limits: { memoryMb: 31 } }, "from 32 to 65536"],
  [
    "the former name of a limit",
    { commands, limits: { commandsPerWorker: 5 } },
    "Did you mean `limits.callsBeforeReplacement`?",
  ],
  ["the former name of the reply cache", { commands, replay: false }, "Did you mean `replyCache`?"],
  [
    "the former name of cancellation",
    { commands, control: false },
    "Did you mean `cancellation`?",
  ],
  [
    "a reply cache for everything",
    { commands, replyCache: { maxEntries: 1e9 } },
    "from 1 to 1000000",
  ],
  [
    "a misspelt reply cache",
    { commands, replyCache: { window: 5 } },
    "Did you mean `replyCache.windowMs`?",
  ],
  [
    "no reply cache by null",
    { commands, replyCache: null },
    "`replyCache`: it is null, not an object",
  ],
  ["dead letters by 1", { commands, deadLetters: 1 }, "`deadLetters`: it is 1."],
  ["stacks by 1", { commands, sendStacks: 1 }, "`sendStacks`: it is 1."],
  ["no cancellation by 0", { commands, cancellation: 0 }, "`cancellation`: it is 0."],
  ["a path that is a URL", { commands: module, denoPath: module }, "`denoPath`: it is an object."],
  ["a drain of no time", { commands, drainTimeoutMs: 0 }, "`drainTimeoutMs`: it is 0."],
  ["a signal that is none", { commands, signal: {} }, "`signal`: it is an object"],
];
for (const [what, options, text] of WRONG) {
  Deno.test(`${what} is refused with invalid_argument`, () => {
    const error = assertThrows(() => serverSettings(options as ServeOptions), RpcError, text);
    assertEquals(error.code, "invalid_argument");
  });
}

const WRONG_PERMISSIONS: [unknown, string][] = [
  [null, "`permissions`: it is null, not an object"],
  ["all", "`permissions`: it is a string, not an object"],
  [{ network: true }, "`permissions.network`: `permissions` has no option of this name. Did you"],
  [{ net: "a:1" }, '`permissions.net`: it is "a:1". Give true, or a list of strings.'],
  [{ read: ["./x", ""] }, '`permissions.read[1]`: it is "". Give a non-empty string.'],
  [{ env: [5] }, "`permissions.env[0]`: it is 5."],
];
for (const [permissions, text] of WRONG_PERMISSIONS) {
  Deno.test(`the permissions ${Deno.inspect(permissions)} are refused: ${text}`, () => {
    const options = { commands: module, permissions } as ServeOptions;
    assertThrows(() => serverSettings(options), RpcError, text);
  });
}
