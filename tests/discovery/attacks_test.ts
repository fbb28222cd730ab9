// Questions and answers of those who may write to the topics, and nothing else.
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Transport } from "../../src/transport/transport.ts";
import { writeQuestion } from "../../src/wire/control.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { JSON_TYPE } from "../../src/wire/headers.ts";
import { utf8 } from "../../src/wire/utf8.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import { readReply, writeReply } from "../../src/wire/reply.ts";
import { Signer } from "../../src/signing/signer.ts";
import { Arrivals } from "../arrivals.ts";
import { ManualClock } from "../manual_clock.ts";
import { ALICE, BOB, CALLERS, SERVER, SERVERS } from "../signing/keys.ts";
import { ask, Fleet } from "./fleet.ts";

const SIGNED = { sign: SERVER, verify: CALLERS };
const CONTROL = "commands_control";
const RESULTS = "commands_results";

const question = (id: string, deadline = Date.now() + 50_000): OutgoingRecord =>
  writeQuestion(CONTROL, {
    id,
    detail: "ping",
    deadline,
    replyTopic: RESULTS,
    replyPartition: 0,
  });

/** Whoever may write to the topics, and sees what lies on partition 0 of the results topic. */
async function stranger(fleet: Fleet) {
  const transport: Transport = fleet.broker.transport();
  await transport.connect();
  const replies = new Arrivals<IncomingRecord>();
  await transport.read({ topic: RESULTS, partition: 0, onRecord: (one) => replies.push(one) });
  return { replies, transport, [Symbol.asyncDispose]: () => transport.close() };
}

function statusOf(record: IncomingRecord): string {
  const reply = readReply(record);
  if (reply.kind !== "reply") return reply.kind;
  return reply.outcome.ok ? "ok" : reply.outcome.failure.code;
}

Deno.test("where both sides sign, servers() works as without", async () => {
  await using fleet = new Fleet();
  const { id } = await fleet.serve(SIGNED);
  const { servers, missing } = await ask(
    await fleet.connect({ sign: ALICE, verify: SERVERS }),
    "stats",
  );
  assertEquals([servers.map(({ server }) => server), missing], [[id], []]);
});

Deno.test("a question that nobody signed is refused where servers verify, and says so", async () => {
  await using fleet = new Fleet();
  const server = await fleet.serve(SIGNED);
  const client = await fleet.connect();
  const { code } = await assertRejects(() => ask(client, "ping"), RpcError, "it is not signed");
  assertEquals([code, server.counts.unauthenticated], ["unauthenticated", 1]);
});

Deno.test("where one server of two refuses, it is named with its reason", async () => {
  await using fleet = new Fleet();
  const open = await fleet.serve();
  const strict = await fleet.serve({ verify: CALLERS });
  const { servers, refused, missing } = await ask(await fleet.connect(), "ping");
  assertEquals(servers.map(({ server }) => server), [open.id]);
  assertEquals(refused.map(({ server, error }) => [server, error.code]), [
    [strict.id, "unauthenticated"],
  ]);
  assertEquals(missing, []);
});

for (
  const [what, change] of [
    ["another detail", () => ({ "rpc-control": "stats" })],
    ["a later deadline", () => ({ "rpc-deadline": String(Date.now() + 59_000) })],
    ["another partition for the answers", () => ({ "rpc-reply-partition": "1" })],
  ] as const
) {
  Deno.test(`a signed question that was given ${what} is refused`, async () => {
    await using fleet = new Fleet();
    const server = await fleet.serve(SIGNED);
    await using other = await stranger(fleet);
    const signed = await (await Signer.open(ALICE)).sign("control", question("q1"));
    await other.transport.produce({ ...signed, headers: { ...signed.headers, ...change() } });
    const [record] = await other.replies.first(1);
    assertEquals([statusOf(record!), server.counts.unauthenticated], ["unauthenticated", 1]);
  });
}

Deno.test("a signed question without a deadline is refused: a copy would be good for ever", async () => {
  await using fleet = new Fleet();
  await fleet.serve(SIGNED);
  await using other = await stranger(fleet);
  const { headers: { "rpc-deadline": _, ...headers }, ...rest } = question("q1");
  const signed = await (await Signer.open(ALICE)).sign("control", { ...rest, headers });
  await other.transport.produce(signed);
  const [record] = await other.replies.first(1);
  assertEquals(statusOf(record!), "invalid_argument");
});

Deno.test("a copy of a question is not answered after its deadline", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  await using other = await stranger(fleet);
  await other.transport.produce(question("late", Date.now() - 1));
  await other.transport.produce(question("early"));
  const [record] = await other.replies.first(1);
  assertEquals(new TextDecoder().decode(record!.key!), "early");
});

Deno.test("an answer that no server signed is refused: its server is missing", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  const silent = await fleet.serve({ ...SIGNED, cancellation: false });
  const liar = fleet.broker.transport();
  await liar.connect();
  const client = await fleet.connect({ sign: ALICE, verify: SERVERS });
  const lied = new Arrivals<void>();
  await liar.read({
    topic: CONTROL,
    partition: 0,
    onRecord: (asked) => void lie(asked).then(() => lied.push()),
  });
  const lie = async (asked: IncomingRecord) => {
    const text = (name: string) => new TextDecoder().decode(asked.headers.get(name));
    const request = `${text("rpc-key")} ${text("rpc-signature")}`;
    const partition = Number(text("rpc-reply-partition"));
    const address = { topic: RESULTS, partition, key: asked.key, request };
    const output = { bytes: utf8(JSON.stringify({ server: silent.id })), contentType: JSON_TYPE };
    const reply = writeReply(address, { ok: true, output }, { server: silent.id });
    await liar.produce(reply);
    // Bob's key is right, and one of a caller: no server has it.
    await liar.produce(await (await Signer.open(BOB)).sign("reply", reply));
  };
  const asking = client.servers({ timeoutMs: 1_000 });
  await clock.advance(0);
  await lied.at(0);
  await clock.advance(1_000);
  const { servers, refused, missing } = await asking;
  assertEquals([servers, refused, missing], [[], [], [silent.id]]);
  assertEquals(client.counts.unauthenticated, 2);
  await liar.close();
});

Deno.test("an answer that is no description of a server is refused, with what is wrong", async () => {
  await using fleet = new Fleet();
  const member = await fleet.silent();
  const client = await fleet.connect();
  await using other = await stranger(fleet);
  await other.transport.read({
    topic: CONTROL,
    partition: 0,
    onRecord: ({ key }) => {
      const output = { bytes: utf8('{"server":1}'), contentType: JSON_TYPE };
      const address = { topic: RESULTS, partition: 0, key };
      void other.transport.produce(
        writeReply(address, { ok: true, output }, { server: member.id }),
      );
    },
  });
  const { code, message } = await assertRejects(() => ask(client, "ping"), RpcError);
  assertEquals(code, "data_loss");
  assertMatch(message, /its `server` is missing or of another kind/);
});

Deno.test("of a flood of questions only a burst is answered, and later ones again", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  await fleet.serve();
  await using other = await stranger(fleet);
  const deadline = clock.wallTime() + 60_000;
  for (let n = 0; n < 200; n++) await other.transport.produce(question(`q${n}`, deadline));
  await other.replies.first(32);
  await clock.advance(1_000);
  await other.transport.produce(question("later", deadline));
  const all = await other.replies.first(33);
  assertEquals(new TextDecoder().decode(all.at(-1)!.key!), "later");
});

Deno.test("a flood that nobody signed takes no answer from those who sign", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  const { id } = await fleet.serve(SIGNED);
  await using other = await stranger(fleet);
  const deadline = clock.wallTime() + 60_000;
  const client = await fleet.connect({ sign: ALICE, verify: SERVERS });
  for (let n = 0; n < 200; n++) await other.transport.produce(question(`q${n}`, deadline));
  await other.replies.first(8);
  const { servers } = await ask(client, "ping");
  assertEquals([servers.map(({ server }) => server), other.replies.items.length >= 8], [
    [id],
    true,
  ]);
});

Deno.test("a question for a topic that the server does not reply on is refused", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  await using other = await stranger(fleet);
  const asked = question("q1");
  const headers = { ...asked.headers, "rpc-reply-topic": "commands" };
  await other.transport.produce({ ...asked, headers });
  const [record] = await other.replies.first(1);
  assertEquals(statusOf(record!), "permission_denied");
});
