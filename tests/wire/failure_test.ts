import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { failedOutcome, remoteError } from "../../src/wire/failure.ts";

const about = { command: "add", id: "1" };

Deno.test("failedOutcome() has no `details` where none are given", () => {
  assertEquals(failedOutcome("not_found", "text"), {
    ok: false,
    failure: { code: "not_found", name: "RpcError", message: "text" },
  });
});

Deno.test("a remote RpcError arrives with its own message", () => {
  const error = remoteError({ code: "aborted", name: "RpcError", message: "text" }, about);
  assertEquals([error.code, error.message, error.stage], ["aborted", "text", "remote"]);
});

Deno.test("a remote RpcError without a stack has no cause", () => {
  const error = remoteError({ code: "aborted", name: "RpcError", message: "text" }, about);
  assertEquals("cause" in error, false);
});

Deno.test("a remote RpcError with its stack has it in the cause", () => {
  const failure = {
    code: "aborted",
    name: "RpcError",
    message: "text",
    stack: "at far away",
  } as const;
  assertEquals((remoteError(failure, about).cause as Error).stack, "at far away");
});

Deno.test("any other remote error arrives with its name before its message", () => {
  const error = remoteError({ code: "unknown", name: "TypeError", message: "boom" }, about);
  assertEquals(error.message, "TypeError: boom");
});

Deno.test("the cause of any other remote error has the remote name", () => {
  const error = remoteError({ code: "unknown", name: "TypeError", message: "boom" }, about);
  assertInstanceOf(error.cause, Error);
  assertEquals(error.cause.name, "TypeError");
});

Deno.test("without the remote stack the cause says that it was not sent", () => {
  const error = remoteError({ code: "unknown", name: "TypeError", message: "boom" }, about);
  assertStringIncludes((error.cause as Error).stack!, "did not send its stack");
});

Deno.test("a remote error names the call", () => {
  const error = remoteError({ code: "unknown", name: "Error", message: "x", details: 1 }, about);
  assertEquals([error.command, error.id, error.details], ["add", "1", 1]);
});
