import { assertEquals } from "@std/assert";
import { unreadable, unsent } from "../../src/client/call_errors.ts";
import { RpcError } from "../../src/wire/errors.ts";

const ABOUT = { command: "add", id: "1" };

Deno.test("a failed send keeps the code of the transport", () => {
  const { code, stage } = unsent(new RpcError("resource_exhausted", "too large"), ABOUT);
  assertEquals([code, stage], ["resource_exhausted", "send"]);
});

Deno.test("any other failed send is unavailable", () => {
  assertEquals(unsent("down", ABOUT).message, 'Cannot call "add": down');
});

Deno.test("a reply that can't be read is data_loss", () => {
  const { code, stage, id } = unreadable("1", "the value is null");
  assertEquals([code, stage, id], ["data_loss", "remote", "1"]);
});
