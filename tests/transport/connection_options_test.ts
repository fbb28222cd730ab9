import { assertEquals, assertThrows } from "@std/assert";
import { shape } from "../../src/options/shape.ts";
import { CONNECTION, type ConnectionOptions } from "../../src/transport/connection_options.ts";
import { kafkaLibrary } from "../../src/transport/kafka/kafka_library.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";

const connection = shape<ConnectionOptions>(CONNECTION, { owner: "x()" });
const check = (options: unknown) => connection(options, "");

Deno.test("a transport stays the one that was given", () => {
  const transport = new MemoryBroker().transport();
  assertEquals(check({ transport }).transport === transport, true);
});

Deno.test("a library stays the one that was given", () => {
  const library = kafkaLibrary("mine 1.0.0", { open: () => Promise.reject(new Error("unused")) });
  assertEquals(check({ library }).library === library, true);
});

Deno.test("the console is a logger", () => {
  assertEquals(check({ logger: console }).logger === console, true);
});

for (const createTopics of [true, false, {}, { partitions: 12, replicationFactor: 3 }]) {
  Deno.test(`createTopics may be ${Deno.inspect(createTopics)}`, () => {
    assertEquals(check({ createTopics }), { createTopics });
  });
}

const WRONG: [object, string][] = [
  [{ clientId: "" }, "`clientId`"],
  [{ connectTimeoutMs: 0 }, "`connectTimeoutMs`"],
  [{ createTopics: { partition: 3 } }, "Did you mean `createTopics.partitions`?"],
  [{ createTopics: { partitions: 0 } }, "`createTopics.partitions`: it is 0."],
  [{ createTopics: { replicationFactor: 32_768 } }, "a whole number from 1 to 32767"],
  [{ createTopics: "yes" }, "`createTopics`: it is a string, not an object. Give true, false or"],
  [{ createTopics: null }, "`createTopics`: it is null"],
  [{ transport: {} }, "`transport`: it has no method `connect`. Leave it out to use Kafka"],
  [{ transport: new MemoryBroker() }, "in tests give what `transport()` of a MemoryBroker gives"],
  [
    { library: Promise.resolve({ name: "x" }) },
    "`library`: it is a promise. Give `await platformatic()`",
  ],
  [{ library: "platformatic" }, "`library`: it does not come from this version of this package."],
  [{ library: { name: "@platformatic/kafka" } }, "`library`: it does not come from this version"],
  [{ logger: {} }, "`logger`: it has no method `debug`"],
  [{ logger: { ...console, warn: undefined, warning() {} } }, "no method `warn`, but `warning`"],
  [{ logger: "info" }, '`logger`: it is "info", not an object. Give an object with the methods'],
];
for (const [options, text] of WRONG) {
  Deno.test(`a connection of ${Object.keys(options)} is refused: ${text}`, () => {
    const error = assertThrows(() => check(options), RpcError, text);
    assertEquals(error.code, "invalid_argument");
  });
}
