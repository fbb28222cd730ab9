// How what a command threw is described: anything can be thrown, and some of it is hostile.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe } from "../../src/wire/describe.ts";
import { RpcError } from "../../src/wire/errors.ts";

Deno.test("an Error is described by name and message, as unknown", () => {
  const { code, name, message } = describe(new TypeError("boom"));
  assertEquals([code, name, message], ["unknown", "TypeError", "boom"]);
});

Deno.test("an RpcError keeps its code and details", () => {
  const { code, details } = describe(
    new RpcError("aborted", "text", { details: { a: 1 } }),
  );
  assertEquals([code, details], ["aborted", { a: 1 }]);
});

Deno.test("an RpcError of another realm is known by its name", () => {
  const error = Object.assign(new Error("text"), { name: "RpcError", code: "aborted" });
  assertEquals(describe(error).code, "aborted");
});

Deno.test("a code of another class of errors is not taken over", () => {
  const error = Object.assign(new Error("text"), { code: "not_found" });
  assertEquals(describe(error).code, "unknown");
});

Deno.test("a code that does not exist becomes unknown", () => {
  const error = Object.assign(new Error("text"), { name: "RpcError", code: "ENOENT" });
  assertEquals(describe(error).code, "unknown");
});

Deno.test("the stack is described too", () => {
  assertStringIncludes(describe(new Error("boom")).stack!, "describe_test.ts");
});

const THROWN: [unknown, string][] = [
  ["text", "text"],
  [42, "42"],
  [null, "null"],
  [undefined, "undefined"],
  [10n, "10"],
  [Symbol("s"), "Symbol(s)"],
  [{}, "a value that is no Error was thrown"],
  [Object.create(null), "a value that is no Error was thrown"],
];
for (const [thrown, message] of THROWN) {
  Deno.test(`a thrown ${Deno.inspect(thrown)} is described as "${message}"`, () => {
    assertEquals(describe(thrown), { code: "unknown", name: "Error", message });
  });
}

Deno.test("a Proxy whose traps throw is described", () => {
  const hostile = new Proxy({}, {
    get() {
      throw new Error("trap");
    },
  });
  assertEquals(describe(hostile).code, "unknown");
});

Deno.test("a revoked Proxy is described", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assertEquals(describe(proxy).code, "unknown");
});

Deno.test("a message is cut at 8192 characters", () => {
  assertEquals(describe(new Error("x".repeat(100_000))).message.length, 8_192);
});

Deno.test("a thrown text is cut at 8192 characters", () => {
  assertEquals(describe("x".repeat(100_000)).message.length, 8_192);
});

Deno.test("details over 16384 bytes are left out, and the message says so", () => {
  const error = new RpcError("aborted", "text", { details: "x".repeat(20_000) });
  assertStringIncludes(describe(error).message, "details of 20002 bytes left out");
});

Deno.test("details that are not JSON are left out, and the message says so", () => {
  const error = new RpcError("aborted", "text", { details: { big: 1n } });
  assertStringIncludes(describe(error).message, "details left out: they are not JSON");
});

Deno.test("details are a copy as it will arrive, not the object that was thrown", () => {
  const error = new RpcError("aborted", "text", { details: { at: new Date(0) } });
  assertEquals(describe(error).details, { at: "1970-01-01T00:00:00.000Z" });
});
