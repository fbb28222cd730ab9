import { assertEquals, assertThrows } from "@std/assert";
import { brokerList } from "../../src/transport/connection_options.ts";
import { RpcError } from "../../src/wire/errors.ts";

/** Runs with KAFKA_BROKERS set to this, and puts back what was there. */
function withEnvironment<T>(brokers: string | undefined, run: () => T): T {
  const before = Deno.env.get("KAFKA_BROKERS");
  const set = (value: string | undefined) =>
    value === undefined ? Deno.env.delete("KAFKA_BROKERS") : Deno.env.set("KAFKA_BROKERS", value);
  set(brokers);
  try {
    return run();
  } finally {
    set(before);
  }
}

Deno.test("the option goes before KAFKA_BROKERS", () => {
  withEnvironment("other:1", () => assertEquals(brokerList(["host:9092"]), ["host:9092"]));
});

Deno.test("KAFKA_BROKERS goes before the default", () => {
  withEnvironment("a:1, b:2", () => assertEquals(brokerList(undefined), ["a:1", "b:2"]));
});

for (const empty of [undefined, "", "  "]) {
  Deno.test(`the default is the local broker where KAFKA_BROKERS is ${Deno.inspect(empty)}`, () => {
    withEnvironment(empty, () => assertEquals(brokerList(undefined), ["127.0.0.1:9092"]));
  });
}

Deno.test("a comma at the end of KAFKA_BROKERS does no harm", () => {
  withEnvironment("a:1,", () => assertEquals(brokerList(undefined), ["a:1"]));
});

Deno.test("a text instead of a list is refused, with the form that is right", () => {
  const text = "127.0.0.1:9092" as unknown as string[];
  assertThrows(() => brokerList(text), RpcError, '`brokers` is "127.0.0.1:9092". Give a list');
});

Deno.test("an empty list is refused", () => {
  assertThrows(() => brokerList([]), RpcError, "`brokers` is empty");
});

Deno.test("a KAFKA_BROKERS of commas alone is refused by its own name", () => {
  withEnvironment(",,", () => {
    assertThrows(() => brokerList(undefined), RpcError, "KAFKA_BROKERS is empty");
  });
});

const WRONG = ["", "localhost", "kafka://host:9092", "host:", "host:0", "host:65536", ":9092"];
for (const broker of WRONG) {
  Deno.test(`${JSON.stringify(broker)} is refused, with the form that is right`, () => {
    assertThrows(() => brokerList([broker]), RpcError, 'Give "host:port"');
  });
}

Deno.test("a wrong KAFKA_BROKERS is refused by its own name", () => {
  withEnvironment("localhost", () => {
    assertThrows(() => brokerList(undefined), RpcError, 'KAFKA_BROKERS has "localhost"');
  });
});
