import { assertEquals } from "@std/assert";
import { ClientSigning } from "../../src/client/signing.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { HEADER, utf8 } from "../../src/wire/headers.ts";
import { recordOf } from "../wire/record_of.ts";

/** What becomes of the reply to a request, which a client with `verify` sent. */
async function replyTo(request: string, { isAwaited }: { isAwaited: boolean }) {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const options = { isAwaited: () => isAwaited, logger: silentLogger };
  using signing = (await ClientSigning.open({ sign: undefined, verify: { key } }, options))!;
  const sending = signing.over({ produce: () => Promise.resolve() }, "control");
  await sending.produce({ topic: "commands", key: utf8(request), value: null, headers: {} });
  let passed = 0;
  const check = signing.checked({ take: () => {}, pass: () => passed++ });
  check(recordOf({ key: request, headers: { [HEADER.request]: "another" } }));
  return { passed, refused: signing.unauthenticated };
}

Deno.test("the reply to a call that waits is checked", async () => {
  assertEquals(await replyTo("id", { isAwaited: true }), { passed: 0, refused: 1 });
});

Deno.test("a request whose reply nobody awaits is not kept: what answers it is for no call", async () => {
  assertEquals(await replyTo("id", { isAwaited: false }), { passed: 1, refused: 0 });
});
