// The fault matrix on one node behind a proxy: broken, late and slow answers, forgotten connections.
import { assert, assertEquals } from "@std/assert";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import { FULL, lasts } from "../arena.ts";
import { ArenaRows } from "../opening.ts";
import { newTopic, Pair } from "../pair.ts";
import { endInside, lateMetadata, noAnswers, resetInside, stallInside } from "../rows_answers.ts";

const SLOW = 250_000;

const rows = new ArenaRows(FULL);

rows.row("resets inside answers cost no call", resetInside);
rows.row("connections that end inside answers cost no call", endInside);
rows.row("answers whose rest never comes cost no call", stallInside);
rows.row("answers that are none cost no call", noAnswers);
rows.row("metadata that comes late costs no call", lateMetadata);

/** Begins something on a line of 250 kB/s, on which one answer takes seconds. */
function onSlowLine(): void {
  rows.arena.proxy.reset();
  rows.arena.proxy.setFault({ bytesPerSecond: SLOW });
}

Deno.test("a reply of 900 kB is fetched on a line of 250 kB/s, once", async () => {
  await using pair = await Pair.start({ brokers: rows.arena.brokers });
  await pair.echo();
  onSlowLine();
  const began = performance.now();
  const reply = await pair.client.call("zeros", 900_000, { timeoutMs: 60_000 });
  assertEquals((reply as Uint8Array).length, 900_000);
  // 3.6 s from the server to the broker, and as long from there to the client.
  assert(performance.now() - began < 20_000);
});

Deno.test("a backlog of 5 MB is begun and worked off on a line of 250 kB/s", async () => {
  const topic = newTopic();
  await using foreign = await ForeignClient.start({
    brokers: [`127.0.0.1:${rows.arena.node.internalPort}`],
  });
  await foreign.createTopic(topic);
  const headers = [["rpc-version", "1"], ["rpc-command", "echo"]] as const;
  for (let index = 0; index < 50; index++) {
    const value = JSON.stringify("x".repeat(100_000));
    await foreign.send({ topic, records: [{ key: `backlog-${index}`, value, headers }] });
  }
  onSlowLine();
  await using pair = await Pair.start({
    brokers: rows.arena.brokers,
    topic,
    serve: { connectTimeoutMs: 60_000 },
    connect: { connectTimeoutMs: 60_000 },
  });
  const began = performance.now();
  // 20 s for the requests, and answers of the same size beside them.
  while (pair.server.counts.succeeded < 50 && performance.now() - began < 90_000) {
    await lasts(500);
  }
  assertEquals(pair.server.counts.succeeded, 50);
  assertEquals(pair.double, 0);
});

/** Connections that carried nothing for this long are forgotten; those that poll carry something. */
const FORGOTTEN_AFTER_MS = 6_000;

for (const clientId of ["client", "server"]) {
  Deno.test(`the first call after the network forgot a ${clientId} comes within 2 s`, async () => {
    await using pair = await Pair.start({ brokers: rows.arena.brokers });
    await pair.echo();
    await lasts(FORGOTTEN_AFTER_MS + 1_000);
    for (const connection of rows.arena.proxy.connections) {
      if (!connection.clientId.includes(clientId)) continue;
      connection.setFault({ idleMs: FORGOTTEN_AFTER_MS });
    }
    const took = await pair.echo(20_000);
    console.log(`first call after the network forgot a ${clientId}: ${Math.round(took)} ms`);
    assert(took < 2_000, `it took ${Math.round(took)} ms`);
    assertEquals(pair.double, 0);
  });
}
