// Calls with a partition key over a real broker, in process and in a sandbox, signed and not.
import { assertEquals } from "@std/assert";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { ALICE, CALLERS, SERVER, SERVERS } from "../signing/keys.ts";
import * as commands from "./fixtures/noted.ts";
import { Place, textOf } from "./place.ts";

const module = new URL("./fixtures/noted.ts", import.meta.url);
const KEYS = ["a", "b", "c", "d"];
const SERVING = {
  "in process": { commands: { ...commands } },
  "in a sandbox": { commands: module },
  "in process, signed": { commands: { ...commands }, sign: SERVER, verify: CALLERS },
};

/** One call begins when the reply to the one before it with its key is there. */
function assertOrdered(replies: readonly IncomingRecord[]): void {
  // A request that came again, at a rebalance, is answered again.
  const replied = [...new Set(replies.map(({ value }) => JSON.parse(textOf(value)!) as string))];
  for (const key of KEYS) {
    const own = replied.filter((reply) => reply[0] === key).map((reply) => Number(reply.slice(1)));
    assertEquals(own, own.toSorted((one, other) => one - other), key);
  }
}

for (const [where, options] of Object.entries(SERVING)) {
  Deno.test(`calls with one key run one after the other, as they were made, ${where}`, async () => {
    await using place = new Place();
    await place.createTopics({ commands: 3, results: 1 });
    for (let server = 0; server < 2; server++) {
      await place.serve({ ...options, orderedByKey: true });
    }
    const results = await place.results();
    const signing = "sign" in options ? { sign: ALICE, verify: SERVERS } : {};
    const client = await place.connect(signing);
    const calls = Array.from({ length: 80 }, (_, n) => {
      const key = KEYS[n % KEYS.length]!;
      return client.call("note", { key, n }, { partitionKey: key });
    });
    await Promise.all(calls);
    assertOrdered(await results.first(80));
  });
}

Deno.test("calls with one key keep their order while partitions go to another server and back", async () => {
  await using place = new Place();
  await place.createTopics({ commands: 3, results: 1 });
  const options = { commands: { ...commands }, orderedByKey: true };
  const first = await place.serve(options);
  const results = await place.results();
  const client = await place.connect();
  const calls = Array.from({ length: 200 }, (_, n) => {
    const key = KEYS[n % KEYS.length]!;
    return client.call("note", { key, n }, { partitionKey: key });
  });
  await results.first(20);
  await place.serve(options);
  await results.first(100);
  await first.close();
  await Promise.all(calls);
  assertOrdered(await results.first(200));
});
