import { assertEquals, assertThrows } from "@std/assert";
import { type CallOptions, checkCall } from "../../src/client/call_options.ts";
import { RpcError } from "../../src/wire/errors.ts";

const check = (options: unknown) => checkCall("add", options as CallOptions, "id-1");

const WRONG: [unknown, string][] = [
  [null, "the options of a call: they are null, not an object"],
  [5, "the options of a call: they are a number"],
  [{ timeout: 5 }, "`timeout`: a call has no option of this name. Did you mean `timeoutMs`?"],
  [{ timeoutMs: "5" }, '`timeoutMs`: it is "5".'],
  [{ signal: {} }, "`signal`: it is an object, not an AbortSignal."],
  [{ waitForServer: 1 }, "`waitForServer`: it is 1."],
  [{ retry: { attempt: 3 } }, "Did you mean `retry.attempts`?"],
  [{ trace: {} }, "`trace.traceparent`: it is missing."],
  [{ trace: "00-" }, "`trace`: it is a string, not an object. Give { traceparent }."],
  [{ trace: { traceparent: "00-", traceState: "x" } }, "Did you mean `trace.tracestate`?"],
  [{ metadata: ["a"] }, "`metadata`: it is no plain object."],
  [{ metadata: new Map([["a", "b"]]) }, "`metadata`: it is no plain object."],
  [{ metadata: new Headers({ a: "b" }) }, "`metadata`: it is no plain object."],
  [{ metadata: { tenant: 5 } }, "`metadata.tenant`: it is a number. Give a string."],
  [{ metadata: { tenant: "\ud800" } }, "`metadata.tenant`: it is not well-formed Unicode."],
  [{ metadata: { "rpc-id": "x" } }, '`metadata["rpc-id"]`: the protocol uses that name itself.'],
  [
    { metadata: { "a b": "x" } },
    '`metadata["a b"]`: it is not 1 to 200 printable ASCII characters',
  ],
];
for (const [options, text] of WRONG) {
  Deno.test(`a call with ${Deno.inspect(options)} is refused: ${text}`, () => {
    const error = assertThrows(() => check(options), RpcError, text);
    const { code, stage, command, id } = error;
    assertEquals([code, stage, command, id], ["invalid_argument", "request", "add", "id-1"]);
  });
}

Deno.test("metadata may be any text, under any name that is free", () => {
  const metadata = { tenant: "Grüße", ["__proto__"]: "x" };
  assertEquals(Object.entries(check({ metadata }).metadata ?? {}), Object.entries(metadata));
});

Deno.test("metadata that is undefined is left out", () => {
  const { metadata } = check({ metadata: { tenant: undefined, user: "a" } });
  assertEquals(Object.entries(metadata ?? {}), [["user", "a"]]);
});

Deno.test("options that are undefined are left out", () => {
  assertEquals(check({ timeoutMs: undefined, signal: undefined, metadata: undefined }), {});
});

Deno.test("what the caller's own getter throws is thrown on", () => {
  const options = {
    get timeoutMs(): number {
      throw new TypeError("mine");
    },
  };
  assertThrows(() => check(options), TypeError, "mine");
});

for (const command of ["add", "a b", "__proto__", "größe", "x".repeat(255)]) {
  Deno.test(`${command.slice(0, 20)} may be the name of a command`, () => {
    assertEquals(checkCall(command, {}, "1"), {});
  });
}

for (const command of ["", "a\nb", "\0", "x".repeat(256), 5 as unknown as string]) {
  Deno.test(`${JSON.stringify(command).slice(0, 20)} can't be the name of a command`, () => {
    const text = "1 to 255 printable characters";
    const { stage, id } = assertThrows(() => checkCall(command, {}, "1"), RpcError, text);
    assertEquals([stage, id], ["request", "1"]);
  });
}
