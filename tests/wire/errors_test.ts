import { assertEquals, assertInstanceOf } from "@std/assert";
import { isRpcCode, RPC_CODES, RpcError } from "../../src/wire/errors.ts";

Deno.test("an RpcError is an Error", () => {
  assertInstanceOf(new RpcError("internal", "text"), Error);
});

Deno.test("an RpcError carries what it is made of", () => {
  const { code, command, id, details, stage } = new RpcError("aborted", "text", {
    command: "add",
    id: "1",
    details: [1],
    stage: "wait",
  });
  assertEquals([code, command, id, details, stage], ["aborted", "add", "1", [1], "wait"]);
});

Deno.test("an RpcError without a cause has no property `cause`", () => {
  assertEquals("cause" in new RpcError("internal", "text"), false);
});

Deno.test("an RpcError keeps a cause of undefined that it was given", () => {
  assertEquals("cause" in new RpcError("internal", "text", { cause: undefined }), true);
});

Deno.test("an RpcError has no property for what it does not know: a terminal would show it", () => {
  assertEquals(Object.keys(new RpcError("internal", "text")).sort(), ["code", "name"]);
});

Deno.test("JSON of an RpcError has its message, and only what is known", () => {
  const error = new RpcError("aborted", "text", { id: "1", stage: "wait", cause: "secret" });
  assertEquals(
    JSON.stringify(error),
    '{"code":"aborted","message":"text","id":"1","stage":"wait"}',
  );
});

Deno.test("every code is a code", () => {
  assertEquals(RPC_CODES.filter((code) => !isRpcCode(code)), []);
});

Deno.test("the codes are the sixteen of gRPC without ok", () => {
  assertEquals(RPC_CODES.length, 16);
});

for (const text of ["ok", "NOT_FOUND", "", "toString", undefined, 5]) {
  Deno.test(`${JSON.stringify(text)} is no code`, () => {
    assertEquals(isRpcCode(text), false);
  });
}
