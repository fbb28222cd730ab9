// The fault matrix on one node: records of others that lie on the topics.
import { assert, assertEquals } from "@std/assert";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import type { Cluster } from "../../../tools/kafka/cluster.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { FULL } from "../arena.ts";
import { openForAll, SHARED } from "../opening.ts";
import { judge } from "../oracle.ts";
import { newTopic, Pair } from "../pair.ts";
import {
  hostileRows,
  logAppendTime,
  type MakeRecordsRow,
  openTransaction,
} from "../rows_records.ts";

const ECHO = [["rpc-version", "1"], ["rpc-command", "echo"]] as const;
const CODECS = ["gzip", "snappy", "lz4", "zstd"] as const;

let cluster: Cluster;
let foreign: ForeignClient;

openForAll(async (opened) => {
  cluster = opened.use(await startCluster({ nodes: 1 }));
  foreign = opened.use(await ForeignClient.start({ brokers: cluster.brokers }));
});

function row(name: string, make: MakeRecordsRow): void {
  Deno.test(name, SHARED, () => judge(make({ cluster, foreign }, FULL)));
}

for (const [name, make] of hostileRows) row(name, make);
row("an open transaction on the commands costs no call", openTransaction("commands"));
row("an open transaction on the results costs no call", openTransaction("results"));
row("a broker that stamps records 10 s ahead costs no call", logAppendTime);

/** Waits for so many replies to an id, from anybody. */
async function replies(topic: string, id: string, count: number): Promise<void> {
  const end = performance.now() + 10_000;
  while (true) {
    const records = await foreign.read(`${topic}_results`);
    const found = records.filter(({ key }) => key && new TextDecoder().decode(key) === id);
    if (found.length >= count) return;
    if (performance.now() > end) {
      throw new Error(`${found.length} of ${count} replies to ${id} after 10 s.`);
    }
  }
}

for (const codec of CODECS) {
  Deno.test(
    `a request that ${codec} has compressed is answered, also after a restart`,
    SHARED,
    async () => {
      await using pair = await Pair.start({ brokers: cluster.brokers });
      const { topic } = pair;
      const ids = ["one", "two", "three"].map((name) => `${codec}-${name}`);
      const value = JSON.stringify("y".repeat(2_000));
      const records = ids.map((key) => ({ key, value, headers: ECHO }));
      await foreign.send({ topic, codec, records });
      for (const id of ids) await replies(topic, id, 1);
      await pair.restartServer();
      assert(await pair.answered(10_000) < 2_000);
      assertEquals(ids.map((id) => pair.runs.get(id)), [1, 1, 1]);
    },
  );

  Deno.test(
    `a reply that ${codec} has compressed makes no server forget its answers`,
    SHARED,
    async () => {
      await using pair = await Pair.start({ brokers: cluster.brokers });
      const { topic } = pair;
      const request = { topic, records: [{ key: "again", value: "1", headers: ECHO }] };
      await foreign.send(request);
      await replies(topic, "again", 1);
      const reply = { key: "theirs", value: "y".repeat(2_000), headers: ECHO };
      await foreign.send({ topic: `${topic}_results`, codec, records: [reply] });
      assert(await pair.echo() < 2_000);
      await pair.restartServer();
      await foreign.send(request);
      await replies(topic, "again", 2);
      assertEquals(pair.runs.get("again"), 1);
    },
  );
}

/** Values of a header on the dead letters of a topic. */
async function deadLetters(topic: string, header: string): Promise<(string | undefined)[]> {
  const letters = await foreign.read(`${topic}-dlt`);
  return letters.map(({ headers }) => {
    const value = headers.find(([name]) => name === header)?.[1];
    return value ? new TextDecoder().decode(value) : undefined;
  });
}

Deno.test(
  "a batch that unpacks to more than maxUnpackedBytes is passed, and its place kept",
  SHARED,
  async () => {
    await using pair = await Pair.start({
      brokers: cluster.brokers,
      serve: { deadLetters: true, maxUnpackedBytes: 100_000 },
    });
    await pair.echo();
    const value = JSON.stringify("y".repeat(200_000));
    const records = [{ key: "large", value, headers: ECHO }];
    await foreign.send({ topic: pair.topic, codec: "gzip", records });
    assert(await pair.echo() < 2_000);
    const { malformed } = pair.server.counts;
    const [reason] = await deadLetters(pair.topic, "rpc-dlt-reason");
    const [offset] = await deadLetters(pair.topic, "rpc-dlt-last-offset");
    assertEquals([malformed, reason, offset], [1, "it unpacks to more than 100000 bytes", "1"]);
    const lines = pair.serverLog.messages("warn");
    assertEquals(lines, ["records that cannot be read are passed"]);
  },
);

Deno.test("a reply that a compacted topic refuses holds back no other", SHARED, async () => {
  const topic = newTopic();
  await foreign.createTopic(`${topic}_results`, { settings: { "cleanup.policy": "compact" } });
  await using pair = await Pair.start({ brokers: cluster.brokers, topic });
  await pair.echo();
  for (let index = 0; index < 20; index++) {
    const headers = [...ECHO, ["rpc-id", `without-key-${index}`]] as const;
    await foreign.send({ topic, records: [{ value: "1", headers }] });
    assert(await pair.echo() < 2_000);
  }
  assertEquals(pair.double, 0);
});

Deno.test("topics that are deleted hold back no other", SHARED, async () => {
  await using pair = await Pair.start({
    brokers: cluster.brokers,
    serve: { deadLetters: true },
  });
  await pair.echo();
  // Both sides have written to the topics that are deleted then.
  const abort = new AbortController();
  const canceled = pair.client.call("echo", 1, { signal: abort.signal });
  abort.abort();
  await canceled.catch(() => {});
  await foreign.send({ topic: pair.topic, records: [{ value: null, headers: ECHO }] });
  await pair.echo();
  const deleted = [`${pair.topic}_control`, `${pair.topic}-dlt`];
  await foreign.deleteTopics(deleted);
  const took: number[] = [];
  const end = performance.now() + 10_000;
  while (performance.now() < end) took.push(await pair.echo());
  assert(Math.max(...took) < 2_000, `the slowest of ${took.length} took ${Math.max(...took)} ms`);
});
