// Topics that must be there; the test plays the brokers.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Answers, Requests } from "../../../src/transport/kafka/port.ts";
import { ensureTopics, partitionsOf } from "../../../src/transport/kafka/topics.ts";
import { silentLogger } from "../../../src/logging/logger.ts";
import type { TopicSpec } from "../../../src/transport/transport.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { ManualClock } from "../../manual_clock.ts";
import { type Answer, type Asked, FakePort, metadata, never } from "./fake_port.ts";

const create = { create: true, timeoutMs: 60_000 };

function at(answer: Answer) {
  const port = new FakePort(answer);
  const failures: unknown[] = [];
  const parts = {
    cluster: port.cluster(1),
    address: "b:1",
    logger: silentLogger,
    closing: new AbortController().signal,
    onFailure: (failure: unknown) => void failures.push(failure),
  };
  return { port, parts, failures };
}

/** A cluster that creates topics, where a code does not forbid it. */
function creating(there: Record<string, number[]>, code = 0, message?: string): Answer {
  return (asked: Asked) => {
    if (asked.api !== "CreateTopics") return metadata(1, there)(asked);
    const { topics } = asked.request as Requests["CreateTopics"];
    if (code === 0) { for (const { topic } of topics) there[topic] = [1]; }
    return { throttleMs: 0, topics: topics.map(({ topic }) => ({ topic, error: code, message })) };
  };
}

const requests = (port: FakePort) => port.asked.items.map(({ api }) => api);

Deno.test("topics that exist are left alone", async () => {
  const { port, parts } = at(creating({ t: [1] }));
  await ensureTopics(parts, [{ topic: "t", partitions: 5 }], create);
  assertEquals(requests(port), ["Metadata"]);
});

Deno.test("only topics by name are asked about", async () => {
  const { port, parts } = at(creating({ t: [1], unrelated: [-1] }));
  await ensureTopics(parts, [{ topic: "t" }], create);
  assertEquals(port.asked.items[0]?.request, { topics: ["t"], rights: true });
});

Deno.test("missing topics are created, and looked for until they have leaders", async () => {
  const { port, parts } = at(creating({}));
  await ensureTopics(parts, [{ topic: "t" }], create);
  assertEquals(requests(port), ["Metadata", "CreateTopics", "Metadata"]);
});

Deno.test("a topic that another program has just created is no failure", async () => {
  const there: Record<string, number[]> = {};
  const { parts } = at((asked) => {
    if (asked.api === "CreateTopics") there["t"] = [1];
    return creating(there, 36)(asked);
  });
  assertEquals(await ensureTopics(parts, [{ topic: "t" }], create), undefined);
});

Deno.test("without `create` a missing topic is refused with the command that creates it", async () => {
  const { parts } = at(metadata(1));
  const ensured = ensureTopics(parts, [{ topic: "t" }], { create: false });
  const error = await assertRejects(() => ensured, RpcError);
  assertEquals(error.code, "failed_precondition");
  assertStringIncludes(error.message, "--create --topic t");
});

Deno.test("the command that creates a missing topic has the partitions that were asked for", async () => {
  const { parts } = at(metadata(1));
  const topics = [{ topic: "t", partitions: 4 }, { topic: "r", partitions: 32 }, { topic: "c" }];
  const error = await assertRejects(() => ensureTopics(parts, topics, { create: false }), RpcError);
  const commands = error.message.match(/--topic \S+ --partitions \d+/g);
  assertEquals(commands, [
    "--topic t --partitions 4",
    "--topic r --partitions 32",
    "--topic c --partitions 1",
  ]);
});

Deno.test("what the broker says about a topic that it does not create is shown", async () => {
  const { parts } = at(creating({}, 38, "Replication factor: 3 larger than available brokers: 1."));
  const error = await assertRejects(() => ensureTopics(parts, [{ topic: "t" }], create), RpcError);
  assertEquals(error.code, "invalid_argument");
  assertStringIncludes(error.message, "3 larger than available brokers: 1. Check `createTopics");
});

/** What a start says that lacks a right for longer than a moment. */
async function lacking(answer: Answer, rights: TopicSpec["rights"]) {
  using clock = new ManualClock();
  const { parts, failures } = at(answer);
  const ensured = ensureTopics(parts, [{ topic: "t", rights }], create);
  const rejected = assertRejects(() => ensured, RpcError);
  await clock.advance(4_000);
  const attempts = failures.length;
  await clock.advance(2_000);
  const { code, message } = await rejected;
  return { code, attempts, reason: message.split(":")[1]!.trim() };
}

for (const right of ["Read", "Write"] as const) {
  Deno.test(`a right that was just granted is waited for; then the missing ${right} is named`, async () => {
    const { code, attempts, reason } = await lacking(metadata(1, { t: { error: 29 } }), [right]);
    assertEquals([code, reason], ["permission_denied", `may not ${right} topic t`]);
    assertEquals(attempts > 3, true);
  });
}

Deno.test("of two rights the one that is missing is named", async () => {
  const answer = (asked: Asked) => {
    const found = metadata(1, { t: [1] })(asked) as Answers["Metadata"];
    return { ...found, topics: found.topics.map((topic) => ({ ...topic, rights: ["Write"] })) };
  };
  const { reason } = await lacking(answer, ["Write", "Read"]);
  assertEquals(reason, "may not Read topic t");
});

Deno.test("a broker that can't say what is allowed is asked for nothing more", async () => {
  const { parts } = at(metadata(1, { t: [1] }));
  const ensured = ensureTopics(parts, [{ topic: "t", rights: ["Write", "Read"] }], create);
  assertEquals(await ensured, undefined);
});

Deno.test("the right to create is named", async () => {
  using clock = new ManualClock();
  const { parts } = at(creating({}, 29));
  const rejected = assertRejects(
    () => ensureTopics(parts, [{ topic: "t" }], create),
    RpcError,
    "may not Create topic t",
  );
  await clock.advance(6_000);
  await rejected;
});

Deno.test("the partitions of a topic are counted as they are now", async () => {
  const there: Record<string, number[]> = { t: [1] };
  const { parts } = at((asked) => metadata(1, there)(asked));
  const before = await partitionsOf(parts, "t");
  there["t"] = [1, 1, 1];
  assertEquals([before, await partitionsOf(parts, "t")], [1, 3]);
});

Deno.test("a signal that aborts ends the count of partitions with its reason", async () => {
  const { parts } = at(never);
  const controller = new AbortController();
  const counted = partitionsOf(parts, "t", { signal: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => counted, TypeError, "stop");
  await parts.cluster.close();
});
