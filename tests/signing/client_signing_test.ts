import { assertEquals } from "@std/assert";
import { ClientSigning } from "../../src/client/signing.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { Signer } from "../../src/signing/signer.ts";
import { HEADER } from "../../src/wire/headers.ts";
import { utf8 } from "../../src/wire/utf8.ts";
import { recordHash } from "../../src/wire/signature.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";
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

Deno.test("a reply that cannot be taken is an error in the log, and the next one is taken", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const logger = new RecordingLogger();
  const options = { isAwaited: () => true, logger };
  const sign = { keyId: "key", key };
  using signing = (await ClientSigning.open({ sign: undefined, verify: { key } }, options))!;
  const sending = signing.over({ produce: () => Promise.resolve() }, "control");
  const request = { topic: "commands", key: utf8("id"), value: null, headers: {} };
  await sending.produce(request);
  const headers = { [HEADER.request]: recordHash(request) };
  const signer = await Signer.open(sign);
  const reply = await signer.sign("reply", { ...request, topic: "topic", headers });
  const taken = new Arrivals<string>();
  const take = () => {
    taken.push("reply");
    if (taken.items.length === 1) throw new TypeError("a mistake");
  };
  const check = signing.checked({ take, pass: () => {} });
  const record = recordOf({ key: "id", headers: reply.headers as Record<string, string> });
  check(record);
  check(record);
  await taken.at(1);
  assertEquals(logger.messages("error"), ["a reply could not be taken"]);
});

Deno.test("a reply whose key is looked up for long keeps those to other calls not waiting", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const looking = Promise.withResolvers<undefined>();
  const verify = (keyId: string) => keyId === "key" ? key : looking.promise;
  const options = { isAwaited: () => true, logger: silentLogger };
  using signing = (await ClientSigning.open({ sign: undefined, verify }, options))!;
  const sending = signing.over({ produce: () => Promise.resolve() }, "control");
  const taken = new Arrivals<string>();
  const check = signing.checked({ take: () => taken.push("reply"), pass: () => {} });
  for (const [id, keyId] of [["slow", "unknown"], ["id", "key"]] as const) {
    const request = { topic: "commands", key: utf8(id), value: null, headers: {} };
    await sending.produce(request);
    const headers = { [HEADER.request]: recordHash(request) };
    const signer = await Signer.open({ keyId, key });
    const reply = await signer.sign("reply", { ...request, topic: "topic", headers });
    check(recordOf({ key: id, headers: reply.headers as Record<string, string> }));
  }
  await taken.at(0);
  looking.resolve(undefined);
});
