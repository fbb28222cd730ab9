import { assertEquals } from "@std/assert";
import { readControl, writeCancel } from "../../src/wire/control.ts";
import { recordOf } from "./record_of.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

Deno.test("a cancellation is read as it was written", () => {
  const { key, headers } = writeCancel("commands_control", { id: "id-1", digest: "d" });
  const named = Object.entries(headers).map(([name, value]) =>
    [name, utf8(String(value))] as const
  );
  const record = { ...recordOf({}), key, headers: new Map(named) };
  assertEquals(readControl(record), { kind: "cancel", id: "id-1", digest: "d" });
});

Deno.test("a cancellation without the digest of a request is unknown", () => {
  const headers = new Map([["rpc-version", utf8("1")], ["rpc-control", utf8("cancel")]]);
  assertEquals(readControl({ ...recordOf({}), key: utf8("id"), headers }), { kind: "unknown" });
});

Deno.test("a control record of a later version is unknown", () => {
  const headers = new Map([["rpc-version", utf8("2")], ["rpc-control", utf8("cancel")]]);
  assertEquals(readControl({ ...recordOf({}), key: utf8("id"), headers }), { kind: "unknown" });
});

Deno.test("a control record that asks for something else is unknown", () => {
  const headers = new Map([["rpc-version", utf8("1")], ["rpc-control", utf8("dance")]]);
  assertEquals(readControl({ ...recordOf({}), key: utf8("id"), headers }), { kind: "unknown" });
});

Deno.test("random bytes on the control topic are unknown", () => {
  for (let i = 0; i < 200; i++) {
    const bytes = crypto.getRandomValues(new Uint8Array(i));
    const headers = new Map([["rpc-version", bytes], ["rpc-control", bytes]]);
    assertEquals(readControl({ ...recordOf({}), key: bytes, headers }), { kind: "unknown" });
  }
});
