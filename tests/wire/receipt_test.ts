import { assertEquals } from "@std/assert";
import { HEADER } from "../../src/wire/headers.ts";
import { readReceipt, readReplyMetadata, writeReceipt } from "../../src/wire/receipt.ts";
import { NOT_UTF8, recordOf } from "./record_of.ts";

const PLACE = { topic: "commands", partition: 2, offset: 17 };
const RECEIPT = { waited: 0.41, run: 12.3, at: 1_764_250_000_000, attempt: 1, ...PLACE };

Deno.test("a receipt is read as it was written", () => {
  const headers = { [HEADER.receipt]: writeReceipt(RECEIPT) };
  assertEquals(readReceipt(recordOf({ headers })), RECEIPT);
});

for (
  const wrong of [
    "",
    "1",
    "null",
    "{",
    NOT_UTF8,
    JSON.stringify({ ...RECEIPT, run: -1 }),
    JSON.stringify({ ...RECEIPT, offset: "17" }),
    JSON.stringify({ ...RECEIPT, topic: undefined }),
  ]
) {
  Deno.test(`a reply counts without a receipt that can't be read: ${Deno.inspect(wrong)}`, () => {
    assertEquals(readReceipt(recordOf({ headers: { [HEADER.receipt]: wrong } })), undefined);
  });
}

Deno.test("the metadata of a reply is what is not the protocol's", () => {
  const headers = {
    [HEADER.status]: "ok",
    "content-type": "text/plain",
    "rpc-new": "1",
    cost: "3",
  };
  assertEquals({ ...readReplyMetadata(recordOf({ headers })) }, { cost: "3" });
});

Deno.test("metadata that no server may send is left out", () => {
  const headers = { cost: NOT_UTF8, "a b": "1" };
  assertEquals({ ...readReplyMetadata(recordOf({ headers })) }, {});
});

Deno.test("more metadata than a server may send is left out", () => {
  const headers = { cost: "x".repeat(20_000) };
  assertEquals({ ...readReplyMetadata(recordOf({ headers })) }, {});
});
