// Copies of signed requests, byte for byte.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { partitionOf } from "../../src/transport/murmur2.ts";
import { Signer } from "../../src/signing/signer.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import { ALICE, BOB, SERVER } from "./keys.ts";
import { SignedSides } from "./signed_sides.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A signed request as another program would send it. */
async function request(headers: Record<string, string>, id = "id1"): Promise<OutgoingRecord> {
  const signer = await Signer.open(ALICE);
  return await signer.sign("request", {
    topic: "commands",
    key: utf8(id),
    value: utf8("1"),
    headers: { "rpc-version": "1", "rpc-command": "whoami", ...headers },
  });
}
const deadline = (ms = 30_000) => ({ "rpc-deadline": String(Date.now() + ms) });

Deno.test("a copy is answered as the original was, and does not run", async () => {
  await using sides = await SignedSides.open();
  await using server = await sides.serve();
  const record = await request(deadline());
  for (let copy = 0; copy < 3; copy++) sides.broker.append(record);
  const replies = await sides.replies.first(3);
  const signatures = replies.map(({ headers }) => String(headers.get("rpc-signature")));
  assertEquals([sides.ran.length, new Set(signatures).size, server.counts.repeated], [1, 1, 2]);
});

Deno.test("a copy that comes after a restart is answered from the results topic, and does not run", async () => {
  await using sides = await SignedSides.open();
  const record = await request(deadline());
  {
    await using _first = await sides.serve();
    sides.broker.append(record);
    await sides.replies.first(1);
  }
  await using _second = await sides.serve();
  sides.broker.append(record);
  const { status } = await sides.reply(1);
  assertEquals([status, sides.ran], ["ok", ["alice"]]);
});

Deno.test("a copy after a restart with another key of the server does not run, if the former one is known", async () => {
  await using sides = await SignedSides.open();
  const record = await request(deadline());
  {
    await using _first = await sides.serve();
    sides.broker.append(record);
    await sides.replies.first(1);
  }
  const replyKeys = { [SERVER.keyId]: SERVER.key };
  await using _second = await sides.serve({ sign: { ...SERVER, keyId: "server-2" }, replyKeys });
  sides.broker.append(record);
  await sides.replies.first(2);
  assertEquals(sides.ran, ["alice"]);
});

Deno.test("a forged reply on the results topic is not repeated by a server that starts", async () => {
  const record = await request(deadline());
  let reply: IncomingRecord;
  {
    await using elsewhere = await SignedSides.open();
    await using _server = await elsewhere.serve();
    elsewhere.broker.append(record);
    reply = await elsewhere.replies.at(0);
  }
  // The true one is not there: which of them is read last would be a matter of milliseconds.
  await using sides = await SignedSides.open();
  const headers = { ...Object.fromEntries(reply.headers), "rpc-key": "bob-1" };
  const { topic, partition, key } = reply;
  const unsigned = { topic, partition, key, value: utf8('"forged"'), headers };
  sides.broker.append(await (await Signer.open(BOB)).sign("reply", unsigned));
  sides.broker.append(unsigned);
  await using _server = await sides.serve();
  sides.broker.append(record);
  const last = await sides.replies.at(2);
  assertEquals(new TextDecoder().decode(last.value!), '"alice"');
});

Deno.test("the answer to one principal is not for another one with the same request", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  const record = await request(deadline());
  sides.broker.append(record);
  await sides.replies.first(1);
  sides.broker.append(await (await Signer.open(BOB)).sign("request", record));
  const { status, message } = await sides.reply(1);
  assertStringIncludes(message, "another principal");
  assertEquals([status, sides.ran], ["already_exists", ["alice"]]);
});

Deno.test("after a restart another principal is not answered with what the first one got", async () => {
  await using sides = await SignedSides.open();
  const record = await request(deadline());
  {
    await using _first = await sides.serve();
    sides.broker.append(record);
    await sides.replies.first(1);
  }
  await using _second = await sides.serve();
  sides.broker.append(await (await Signer.open(BOB)).sign("request", record));
  await sides.replies.first(2);
  assertEquals(sides.ran, ["alice", "bob"]);
});

Deno.test("a copy whose answer had to make room is refused, and does not run", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({ replyCache: { maxEntries: 1 } });
  const record = await request(deadline(), "id1");
  sides.broker.append(record);
  await sides.replies.first(1);
  sides.broker.append(await request(deadline(), "id2"));
  await sides.replies.first(2);
  sides.broker.append(record);
  const { status, message } = await sides.reply(2);
  assertStringIncludes(message, "was answered before, and its answer is not kept any more");
  assertEquals([status, sides.ran.length], ["already_exists", 2]);
});

/** A stream that counts how often it began. */
function streaming() {
  const began: number[] = [];
  const commands = {
    async *count(to: number) {
      began.push(to);
      for (let n = 0; n < to; n++) yield n;
    },
  };
  return { commands, began };
}

Deno.test("a copy of the request of a stream does not begin it again, nor after a restart", async () => {
  await using sides = await SignedSides.open();
  const { commands, began } = streaming();
  {
    await using _first = await sides.serve({ commands });
    const client = await sides.connect();
    await Array.fromAsync(client.stream("count", 3));
    sides.replay(sides.request);
    await sides.replies.first(5);
  }
  await using _second = await sides.serve({ commands });
  sides.replay(sides.request);
  await sides.replies.first(6);
  assertEquals(began, [3]);
});

Deno.test("a copy in another partition is refused: its server knows nothing of the original", async () => {
  await using sides = await SignedSides.open(2);
  await using _server = await sides.serve();
  const record = await request(deadline());
  const own = partitionOf(record.key!, 2);
  sides.broker.append({ ...record, partition: 1 - own });
  const { status, message } = await sides.reply(0);
  assertStringIncludes(message, "it lies in another partition than its key");
  sides.broker.append({ ...record, partition: own });
  assertEquals([status, (await sides.reply(1)).status], ["unauthenticated", "ok"]);
});

Deno.test("a copy that is sent past the deadline does not run", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  sides.broker.append(await request(deadline(-1)));
  assertEquals([(await sides.reply(0)).status, sides.ran], ["deadline_exceeded", []]);
});

Deno.test("a signed request without a deadline is refused", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve();
  sides.broker.append(await request({}));
  const { status, message } = await sides.reply(0);
  assertStringIncludes(message, "it is signed and has no rpc-deadline");
  assertEquals([status, sides.ran], ["invalid_argument", []]);
});

Deno.test("a deadline beyond what the reply cache remembers is refused", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({ replyCache: { windowMs: 60_000 } });
  const client = await sides.connect({ timeoutMs: 120_000 });
  const error = await client.call("whoami").catch((error) => error) as Error;
  assertStringIncludes(error.message, "that of a signed request may lie 60000 ms ahead");
});

Deno.test("two attempts of one call have the same signature", async () => {
  const [first, second] = await Promise.all(["1", "2"].map((attempt) => {
    return request({ "rpc-deadline": "1", "rpc-attempt": attempt });
  }));
  assertEquals(first?.headers["rpc-signature"], second?.headers["rpc-signature"]);
});
