// Signed calls over a real broker: who calls is known where the command runs, and copies never run.
import { assertEquals, assertRejects } from "@std/assert";
import type { CommandContext } from "../../src/contract/command_context.ts";
import { Signer } from "../../src/signing/signer.ts";
import { partitionOf } from "../../src/transport/murmur2.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { ALICE, BOB, CALLERS, PAIR, SERVER, SERVERS } from "../signing/keys.ts";
import { python } from "../signing/protocol_python.ts";
import { Place, textOf } from "./place.ts";
import { Script } from "./script.ts";

const module = new URL("../signing/fixtures/commands.ts", import.meta.url);
const whoami = (_: unknown, { principal }: CommandContext) => principal;

for (
  const [where, commands] of [["in the server", { whoami }], ["in a process", module]] as const
) {
  Deno.test(`a command ${where} knows its caller, whatever the algorithm, and no one else calls it`, async () => {
    await using place = new Place();
    await place.createTopics({ commands: 3, results: 2 });
    const verify = { ...CALLERS, "carol-1": { key: PAIR.public, principal: "carol" } };
    const server = await place.serve({ commands, verify, sign: SERVER });
    const alice = await place.connect({ sign: ALICE, verify: SERVERS });
    const carol = await place.connect({
      sign: { keyId: "carol-1", key: PAIR.private },
      verify: SERVERS,
    });
    const stranger = await place.connect({ verify: SERVERS });
    const calls = Array.from({ length: 20 }, (_, n) => (n % 2 ? alice : carol).call("whoami", n));
    assertEquals(new Set(await Promise.all(calls)), new Set(["alice", "carol"]));
    const error = await assertRejects(() => stranger.call("whoami"), RpcError);
    assertEquals([error.code, server.counts.unauthenticated, server.counts.succeeded], [
      "unauthenticated",
      1,
      20,
    ]);
  });
}

Deno.test("a copy of a signed request does not run: not at once, elsewhere, nor after a restart", async () => {
  await using place = new Place();
  await place.createTopics({ commands: 2 });
  let runs = 0;
  const options = { commands: { count: () => ++runs }, verify: CALLERS, sign: SERVER };
  const server = await place.serve(options);
  const results = await place.results();
  const signer = await Signer.open(BOB);
  const record = await signer.sign("request", {
    topic: place.topic,
    key: new TextEncoder().encode("id1"),
    value: new TextEncoder().encode("1"),
    headers: {
      "rpc-version": "1",
      "rpc-command": "count",
      "rpc-deadline": String(Date.now() + 60_000),
    },
  });
  const own = partitionOf(record.key!, 2);
  const statuses = () => results.items.map(({ headers }) => textOf(headers.get("rpc-status")));
  for (const partition of [own, own, 1 - own]) {
    const before = results.items.length;
    await place.produce({ ...record, partition });
    await results.first(before + 1);
  }
  await server.close();
  await place.serve(options);
  await place.produce({ ...record, partition: own });
  await results.first(4);
  assertEquals([statuses(), runs], [["ok", "ok", "unauthenticated", "ok"], 1]);
});

Deno.test("a signed cancellation aborts the call of its principal", async () => {
  await using place = new Place();
  const started = Promise.withResolvers<AbortSignal>();
  const slow = (_: unknown, { signal }: CommandContext) => {
    started.resolve(signal);
    return new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  await place.serve({ commands: { slow }, verify: CALLERS, sign: SERVER });
  const client = await place.connect({ sign: ALICE, verify: SERVERS });
  const abort = new AbortController();
  const calling = client.call("slow", undefined, { signal: abort.signal }).catch(() => "aborted");
  const signal = await started.promise;
  const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
  abort.abort();
  await aborted;
  assertEquals(await calling, "aborted");
});

const SIGN = `
import json, sys
for line in sys.stdin:
    case = json.loads(line)
    rest = (case["topic"], case["key"].encode(), case["headers"], case["value"].encode())
    if case["of"] == "request":
        print(json.dumps(sign(bytes(range(32)), "request", *rest)))
    else:
        print(json.dumps(answers(bytes(range(64, 96)), case["request"], *rest)))
`;

Deno.test("what Python signs is called, and what it is answered Python verifies", async () => {
  await using place = new Place();
  await place.serve({ commands: { whoami }, verify: CALLERS, sign: SERVER });
  const results = await place.results();
  const headers: Record<string, string> = {
    "rpc-version": "1",
    "rpc-command": "whoami",
    "rpc-deadline": String(Date.now() + 60_000),
    "rpc-key": ALICE.keyId,
  };
  const request = { topic: place.topic, key: "id1", value: "1", headers };
  const [signature] = await python(SIGN, [{ of: "request", ...request }]);
  headers["rpc-signature"] = String(signature);
  await place.produce(request);
  const reply = await results.at(0);
  const replied = [...reply.headers].map(([name, text]) => [name, textOf(text)]);
  const { topic } = reply;
  const seen = {
    of: "reply",
    request: headers,
    topic,
    key: "id1",
    headers: Object.fromEntries(replied),
  };
  const verdicts = await python(SIGN, [
    { ...seen, value: textOf(reply.value) },
    { ...seen, value: '"forged"' },
  ]);
  assertEquals([textOf(reply.value), ...verdicts], ['"alice"', true, false]);
});

const example = (name: string) => new URL(`../../examples/signed/${name}`, import.meta.url).href;

Deno.test("the signed example books for its caller, and for nobody else", async () => {
  const topic = `test-${crypto.randomUUID()}`;
  const names = ["BILLING_SECRET", "SERVERS_SECRET"];
  names.forEach((name, n) => Deno.env.set(name, new Uint8Array(32).fill(n).toBase64()));
  try {
    await using server = new Script(example("server.ts"), topic);
    const serving = (line: string) => line.includes("serving");
    await server.errors.until((lines) => lines.some(serving), "the line of a server that serves");
    await using client = new Script(example("client.ts"), topic);
    const { stdout, stderr } = await client.end();
    assertEquals([stdout, stderr], [
      "book: 2026-001, booked by billing\n" +
      'close: permission_denied | Cannot run "close": "billing" may not call it. Let `authorize` of ' +
      "the server allow it.\n" +
      'without a signature: unauthenticated | Cannot run "book": it is not signed.\n',
      "",
    ]);
  } finally {
    names.forEach((name) => Deno.env.delete(name));
  }
});
