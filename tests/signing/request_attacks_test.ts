// What anybody can do who may write to the commands topic.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { recordDigest } from "../../src/wire/digest.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { VerifyKeys } from "../../src/signing/keys.ts";
import type { OutgoingRecord } from "../../src/wire/record.ts";
import { BOB, CALLERS, SERVERS } from "./keys.ts";
import { SignedSides } from "./signed_sides.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const METADATA = { tenant: "a" };

/** Sends a request of alice once more, changed; gives the answer to that and how often it ran. */
async function changed(changes: Partial<OutgoingRecord>) {
  await using sides = await SignedSides.open();
  await using server = await sides.serve();
  const client = await sides.connect();
  await client.call("whoami", 1, { metadata: METADATA });
  sides.replay(sides.request, changes);
  const reply = await sides.reply(1);
  const { unauthenticated } = server.counts;
  return { ...reply, ran: sides.ran.length, unauthenticated, log: sides.logger.messages("warn") };
}

const header = (name: string, text: string) => ({ headers: { [name]: text } });

const CHANGES: Record<string, readonly [Partial<OutgoingRecord>, string]> = {
  "another value": [{ value: utf8("2") }, "its signature is wrong"],
  "another command": [header("rpc-command", "other"), "its signature is wrong"],
  "another id": [header("rpc-id", "other"), "its signature is wrong"],
  "another key": [{ key: utf8("other") }, "its signature is wrong"],
  "a later deadline": [
    header("rpc-deadline", String(Date.now() + 60_000)),
    "its signature is wrong",
  ],
  "other metadata": [header("tenant", "b"), "its signature is wrong"],
  "more metadata": [header("role", "admin"), "its signature is wrong"],
  "another content type": [header("content-type", "text/plain"), "its signature is wrong"],
  "another codec of the reply": [header("rpc-reply-type", "text/plain"), "its signature is wrong"],
  "an idempotency key": [header("rpc-idempotency-key", "1"), "its signature is wrong"],
  "a stream": [header("rpc-reply", "stream"), "its signature is wrong"],
  "the key of another principal": [header("rpc-key", BOB.keyId), "its signature is wrong"],
  "an unknown key": [header("rpc-key", "eve-1"), 'its key "eve-1" is not known'],
  "a key id with a line break": [header("rpc-key", "a\nb"), "header rpc-key is no key id"],
  "an unknown algorithm": [header("rpc-signature", "none:AAAA"), "its algorithm is unknown"],
  "another algorithm": [
    header("rpc-signature", `ed25519:${"A".repeat(86)}`),
    'its key "alice-1" is one of hmac-sha256, not ed25519',
  ],
  "a short signature": [header("rpc-signature", "hmac-sha256:AAAA"), "the 32 bytes of hmac-sha256"],
  "an empty signature": [header("rpc-signature", ""), "it is not <algorithm>:<base64url>"],
  "an oversized signature": [header("rpc-signature", "A".repeat(100_000)), "are not both short"],
  "an oversized key id": [header("rpc-key", "A".repeat(100_000)), "are not both short texts"],
};

for (const [what, [changes, reason]] of Object.entries(CHANGES)) {
  Deno.test(`a signed request is refused with ${what}`, async () => {
    const { status, message, ran, unauthenticated, log } = await changed(changes);
    assertStringIncludes(message, reason);
    assertEquals([status, ran, unauthenticated, log.join()], [
      "unauthenticated",
      1,
      1,
      "a record is refused",
    ]);
  });
}

Deno.test("a signed call that was turned into a one-way send is refused, and does not run", async () => {
  await using sides = await SignedSides.open();
  await using server = await sides.serve();
  const client = await sides.connect();
  await client.call("whoami", 1);
  sides.replay(sides.request, header("rpc-reply", "none"));
  const isRefused = ({ message }: { message: string }) => message === "a record is refused";
  await sides.logger.lines.until((all) => all.some(isRefused), "the refusal");
  assertEquals([sides.ran.length, server.counts.unauthenticated], [1, 1]);
});

Deno.test("a signed one-way call runs once, however often a copy of it comes", async () => {
  await using sides = await SignedSides.open();
  await using server = await sides.serve();
  const client = await sides.connect();
  await client.send("whoami", 1);
  await sides.produced();
  sides.replay(sides.request);
  await client.call("whoami", 2);
  // All three have come; it ends what it has begun.
  await server.close();
  assertEquals([sides.ran.length, server.counts.repeated], [2, 1]);
});

Deno.test("the signature of one request is refused on another one", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  const client = await sides.connect();
  await client.call("whoami", 1);
  const signature = sides.request.headers.get("rpc-signature")!;
  await client.call("whoami", 2);
  sides.replay(sides.request, { headers: { "rpc-signature": signature } });
  assertStringIncludes((await sides.reply(2)).message, "its signature is wrong");
});

Deno.test("a request without a signature is refused, and its caller hears of it", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  const client = await sides.connect({ sign: undefined });
  const error = await assertRejects(() => client.call("whoami"), RpcError);
  assertEquals([error.code, error.stage, sides.ran], ["unauthenticated", "remote", []]);
});

Deno.test("a caller with a wrong key hears of it from a signed reply", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  const client = await sides.connect({ sign: { ...BOB, keyId: "alice-1" } });
  const error = await assertRejects(() => client.call("whoami"), RpcError);
  assertEquals([error.code, error.stage], ["unauthenticated", "remote"]);
  assertStringIncludes(error.message, "its signature is wrong");
});

Deno.test("a record without headers is refused, unless that is allowed", async () => {
  for (const allowPlain of [false, true]) {
    await using sides = await SignedSides.open();
    await using _server = await sides.serve({ evaluate: true, allowPlain });
    sides.broker.append({ topic: "commands", key: "id1", value: "1 + 1" });
    const { status } = await sides.reply(0);
    assertEquals(status, allowPlain ? "ok" : "unauthenticated");
  }
});

Deno.test("keys are not looked up for a header that is no key id", async () => {
  const asked: string[] = [];
  const verify: VerifyKeys = (keyId) => {
    asked.push(keyId);
    return CALLERS["alice-1"];
  };
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({ verify });
  const client = await sides.connect();
  await client.call("whoami");
  for (const keyId of ["A".repeat(1_000), "a b", ""]) {
    sides.replay(sides.request, { headers: { "rpc-key": keyId } });
  }
  await sides.replies.first(4);
  assertEquals(asked, ["alice-1"]);
});

Deno.test("a changed copy that is refused does not end the call of the original", async () => {
  await using sides = await SignedSides.open();
  const gate = Promise.withResolvers<string>();
  await using _server = await sides.serve({ commands: { slow: () => gate.promise } });
  const client = await sides.connect();
  const calling = client.call("slow", undefined, { metadata: METADATA });
  await sides.produced();
  const copies: Partial<OutgoingRecord>[] = [
    header("tenant", "b"),
    header("rpc-signature", "hmac-sha256:AAAA"),
    header("rpc-attempt", "none"),
    header("rpc-version", "2"),
  ];
  for (const copy of copies) sides.replay(sides.request, copy);
  await sides.replies.first(copies.length);
  gate.resolve("original");
  assertEquals(await calling, "original");
});

Deno.test("dead letters keep the headers of what was refused", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({ deadLetters: true });
  const client = await sides.connect();
  await client.call("whoami");
  sides.replay(sides.request, header("tenant", "b"));
  await sides.replies.first(2);
  const [letter] = sides.broker.partitions("commands-dlt")[0]!.records;
  const text = (name: string) => new TextDecoder().decode(letter?.headers.get(name));
  assertEquals([text("rpc-key"), text("tenant"), text("rpc-dlt-reason")], [
    "alice-1",
    "b",
    "its signature is wrong",
  ]);
});

Deno.test("a cancellation is taken from the principal of its call alone", async () => {
  await using sides = await SignedSides.open();
  const started = Promise.withResolvers<AbortSignal>();
  const commands = {
    slow: (_: unknown, { signal }: { signal: AbortSignal }) => {
      started.resolve(signal);
      return new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  await using server = await sides.serve({ commands });
  const client = await sides.connect({ verify: SERVERS });
  const abort = new AbortController();
  const calling = client.call("slow", undefined, { signal: abort.signal }).catch(() => "aborted");
  const signal = await started.promise;
  const digest = recordDigest(sides.request);
  const headers = { "rpc-version": "1", "rpc-control": "cancel", "rpc-digest": digest };
  const forged = {
    topic: "commands_control",
    partition: 0,
    key: sides.request.key,
    value: "",
    headers,
  };
  sides.broker.append(forged);
  sides.broker.append({ ...forged, headers: { ...headers, "rpc-key": "bob-1" } });
  await sides.logger.lines.until(
    (all) => all.some(({ message }) => message === "a record is refused"),
    "refused",
  );
  const before = signal.aborted;
  abort.abort();
  await calling;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  assertEquals([before, signal.aborted, server.counts.unauthenticated], [false, true, 2]);
});

Deno.test("a key that the function `verify` answers with null is not known", async () => {
  await using sides = await SignedSides.open();
  await sides.serve({ verify: () => null as unknown as undefined });
  const client = await sides.connect();
  const error = await assertRejects(() => client.call("whoami"), RpcError, "is not known");
  assertEquals(error.code, "unauthenticated");
});
