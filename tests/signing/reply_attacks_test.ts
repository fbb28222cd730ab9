// What anybody can do who may write to the results topic.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { SigningKey } from "../../src/signing/keys.ts";
import { Signer } from "../../src/signing/signer.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import { requestName } from "../../src/wire/signature.ts";
import { ALICE, BOB, SERVER } from "./keys.ts";
import { SignedSides } from "./signed_sides.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** The reply that a server would send to a request. */
function replyTo({ key, headers }: IncomingRecord): OutgoingRecord {
  const name = requestName(text(headers.get("rpc-key")), text(headers.get("rpc-signature")));
  const partition = Number(text(headers.get("rpc-reply-partition")));
  return {
    topic: "commands_results",
    partition,
    key,
    value: utf8('"answer"'),
    headers: { "rpc-version": "1", "rpc-status": "ok", "rpc-request": name },
  };
}

const signed = async (record: OutgoingRecord, key: SigningKey = SERVER) =>
  await (await Signer.open(key)).sign("reply", record);

/** A call whose forged reply comes first; then the true one, unless the call has ended. */
async function answered(
  forge: (reply: OutgoingRecord) => OutgoingRecord | Promise<OutgoingRecord>,
) {
  await using sides = await SignedSides.open();
  const client = await sides.connect({ waitForServer: true });
  const calling = client.call("whoami", 1, { timeoutMs: 5_000 }).catch((error) => error);
  await sides.produced();
  const reply = replyTo(sides.request);
  sides.broker.append(await forge(reply));
  sides.broker.append(await signed(reply));
  const result = await calling;
  const [line] = sides.logger.lines.items.filter(({ message }) => message === "a reply is refused");
  return { result, refused: client.counts.unauthenticated, reason: String(line?.fields["reason"]) };
}

type Forge = (reply: OutgoingRecord) => OutgoingRecord | Promise<OutgoingRecord>;
const changed = (headers: Record<string, string>, more: Partial<OutgoingRecord> = {}): Forge => {
  return async (reply) => {
    const record = await signed(reply);
    return { ...record, ...more, headers: { ...record.headers, ...headers } };
  };
};

const FORGERIES: Record<string, readonly [Forge, string]> = {
  "without a signature": [(reply) => reply, "it is not signed"],
  "with another value": [changed({}, { value: utf8('"forged"') }), "its signature is wrong"],
  "with another status": [changed({ "rpc-status": "not_found" }), "its signature is wrong"],
  "with another error": [changed({ "rpc-error": "{}" }), "its signature is wrong"],
  "with another content type": [
    changed({ "content-type": "text/plain" }),
    "its signature is wrong",
  ],
  "with another server": [changed({ "rpc-server": "eve" }), "its signature is wrong"],
  "with a receipt": [changed({ "rpc-receipt": "{}" }), "its signature is wrong"],
  "with metadata": [changed({ tenant: "b" }), "its signature is wrong"],
  "as a frame of a stream": [
    changed({ "rpc-seq": "0", "rpc-more": "1" }),
    "its signature is wrong",
  ],
  "signed by another caller": [(reply) => signed(reply, BOB), 'its key "bob-1" is not known'],
  "under the key id of the server": [
    (reply) => signed(reply, { ...BOB, keyId: "server-1" }),
    "its signature is wrong",
  ],
  "signed as a request": [
    async (reply) => await (await Signer.open(SERVER)).sign("request", reply),
    "its signature is wrong",
  ],
  "that names no request": [
    ({ headers: { "rpc-request": _, ...headers }, ...reply }) => signed({ ...reply, headers }),
    "it answers another request",
  ],
  "to another request": [
    (reply) => signed({ ...reply, headers: { ...reply.headers, "rpc-request": "a b" } }),
    "it answers another request",
  ],
  "that cannot be read": [
    ({ headers: { "rpc-status": _, ...headers }, ...reply }) => ({ ...reply, headers }),
    "it is not signed",
  ],
};

for (const [what, [forge, reason]] of Object.entries(FORGERIES)) {
  Deno.test(`a client refuses a reply ${what}, and takes the true one`, async () => {
    const { result, refused, reason: given } = await answered(forge);
    assertStringIncludes(given, reason);
    assertEquals([result, refused], ["answer", 1]);
  });
}

Deno.test("the reply to one call is refused as that to another one", async () => {
  await using sides = await SignedSides.open();
  const client = await sides.connect({ waitForServer: true });
  const calling = client.call("whoami", 1);
  await sides.produced();
  const { headers } = await signed(replyTo(sides.request));
  const second = client.call("whoami", 2);
  const request = await sides.requests.at(1);
  const reply = replyTo(request);
  sides.broker.append({ ...reply, headers });
  sides.broker.append(await signed(reply));
  sides.broker.append(await signed(replyTo(await sides.requests.at(0))));
  assertEquals([await second, await calling, client.counts.unauthenticated], [
    "answer",
    "answer",
    1,
  ]);
});

Deno.test("replies to other clients of the partition are not checked", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  const one = await sides.connect();
  const other = await sides.connect({ sign: BOB, verify: {} });
  await one.call("whoami");
  await sides.replies.first(1);
  assertEquals([other.counts.unmatched, other.counts.unauthenticated], [1, 0]);
});

Deno.test("a client that does not sign takes the replies to what it sent", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({ verify: undefined });
  const client = await sides.connect({ sign: undefined });
  assertEquals(await client.call("whoami"), null);
});

Deno.test("every reply is signed: of a success, a failure, a refusal and a record that cannot be read", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  const client = await sides.connect();
  await client.call("whoami");
  await client.call("absent").catch(() => "not_found");
  const { request } = sides;
  sides.replay(request, { headers: { "rpc-attempt": "none" } });
  sides.replay(request, { headers: { tenant: "b" } });
  const replies = await sides.replies.first(4);
  assertEquals(
    replies.map(({ headers }) => text(headers.get("rpc-key"))),
    Array(4).fill("server-1"),
  );
  assertEquals(ALICE.keyId, text(request.headers.get("rpc-key")));
});
