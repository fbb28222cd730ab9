import { assertEquals, assertThrows } from "@std/assert";
import { brokerAddresses, brokerList } from "../../src/transport/brokers.ts";
import { RpcError } from "../../src/wire/errors.ts";

/** Runs with KAFKA_BROKERS as given, and puts back what was there. */
function withEnvironment(value: string | undefined, run: () => void): void {
  const before = Deno.env.get("KAFKA_BROKERS");
  const set = (text: string | undefined) =>
    text === undefined ? Deno.env.delete("KAFKA_BROKERS") : Deno.env.set("KAFKA_BROKERS", text);
  set(value);
  try {
    run();
  } finally {
    set(before);
  }
}

Deno.test("the option goes before KAFKA_BROKERS", () => {
  withEnvironment("b:2", () => assertEquals(brokerList(["a:1"]), ["a:1"]));
});

Deno.test("KAFKA_BROKERS has one broker after each comma", () => {
  withEnvironment("a:1, b:2", () => assertEquals(brokerList(undefined), ["a:1", "b:2"]));
});

for (const empty of [undefined, "", " "]) {
  Deno.test(`the default is the local broker where KAFKA_BROKERS is ${Deno.inspect(empty)}`, () => {
    withEnvironment(empty, () => assertEquals(brokerList(undefined), ["127.0.0.1:9092"]));
  });
}

Deno.test("a comma at the end of KAFKA_BROKERS does no harm", () => {
  withEnvironment("a:1,", () => assertEquals(brokerList(undefined), ["a:1"]));
});

Deno.test("a KAFKA_BROKERS of commas alone is refused by its own name", () => {
  withEnvironment(",,", () => {
    assertThrows(() => brokerList(undefined), RpcError, "variable KAFKA_BROKERS: it is empty");
  });
});

Deno.test("a wrong KAFKA_BROKERS is refused by its own name, with the entry", () => {
  withEnvironment("a:1,localhost", () => {
    const text = 'variable KAFKA_BROKERS: "localhost" is not host:port. Give "host:port"';
    assertThrows(() => brokerList(undefined), RpcError, text);
  });
});

const check = (value: unknown) => brokerAddresses(value, "brokers");

const RIGHT = ["localhost:9092", "kafka-1.example.com:1", "10.0.0.1:65535", "[::1]:9092"];
for (const broker of [...RIGHT, "[fe80::1%eth0]:9092"]) {
  Deno.test(`${broker} is an address`, () => assertEquals(check([broker]), [broker]));
}

Deno.test("spaces around an address do no harm", () => {
  assertEquals(check([" a:1 "]), ["a:1"]);
});

const WRONG: [unknown, string][] = [
  ["", "is not host:port"],
  ["localhost", "is not host:port"],
  ["kafka://host:9092", "is a URL, not host:port"],
  ["host:", "is not host:port"],
  ["host:0", "has a port that is not 1 to 65535"],
  ["host:65536", "has a port that is not 1 to 65535"],
  [":9092", "is not host:port"],
  ["a:1,b:2", "is not host:port"],
  ["::1:9092", "is an IPv6 address without brackets and port"],
  ["::1", "is an IPv6 address without brackets and port"],
  ["[::1]", "is not host:port"],
  ["[host]:9092", "has no IPv6 address in brackets"],
  [5, "is no text"],
  [null, "is no text"],
  [undefined, "is no text"],
];
for (const [broker, problem] of WRONG) {
  Deno.test(`${Deno.inspect(broker)} is refused by its place, with the form that is right`, () => {
    const error = assertThrows(() => check(["a:1", broker]), RpcError, problem);
    assertEquals(
      /^Cannot use the option `brokers\[1\]`: .* Give "host:port"/.test(error.message),
      true,
    );
  });
}

Deno.test("a text instead of a list is refused, with the form that is right", () => {
  const text = '`brokers`: it is "127.0.0.1:9092", not a list. Give a list';
  assertThrows(() => check("127.0.0.1:9092"), RpcError, text);
});

Deno.test("an empty list is refused", () => {
  assertThrows(() => check([]), RpcError, "`brokers`: the list is empty");
});

Deno.test({
  name: "without the permission to read KAFKA_BROKERS the option that needs none is named",
  permissions: { env: false },
  fn: () => {
    const { code, message } = assertThrows(() => brokerList(undefined), RpcError);
    const advice = "Grant --allow-env=KAFKA_BROKERS, or give the option `brokers`.";
    assertEquals([code, message.endsWith(advice)], ["permission_denied", true], message);
  },
});
