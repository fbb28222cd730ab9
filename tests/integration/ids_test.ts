// What a program can do with the id of a call and nothing else, over a real broker.
import { assertEquals } from "@std/assert";
import { HEADER } from "../../src/wire/headers.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { Place, textOf } from "./place.ts";

/** Commands that count their runs, and one that runs until the test ends it. */
function counting() {
  let runs = 0;
  const started = new Arrivals<string>();
  const gate = Promise.withResolvers<void>();
  const commands = {
    next: (_: unknown) => ++runs,
    echo: (value: unknown) => value,
    gated: async (_: unknown, { id }: { id: string }) => {
      started.push(id);
      await gate.promise;
      return "the result";
    },
  };
  return { commands, gate, started };
}

/** Status and value of the replies under an id, as they came. */
const answers = (records: readonly IncomingRecord[], id: string) =>
  records.filter(({ key }) => textOf(key) === id)
    .map(({ headers, value }) => [textOf(headers.get(HEADER.status)), textOf(value)]);

/** Sends requests under one id, and waits for each reply. */
async function asking(place: Place) {
  const results = await place.results();
  return async (id: string, command: string, value: string) => {
    const before = answers(results.items, id).length;
    const headers = { [HEADER.version]: "1", [HEADER.command]: command };
    await place.produce({ topic: place.topic, key: id, value, headers });
    const more = (records: readonly IncomingRecord[]) => answers(records, id).length > before;
    return answers(await results.until(more, "the reply"), id).at(-1);
  };
}

Deno.test("an id gives an answer again to the same request alone, also after a restart", async () => {
  await using place = new Place();
  const { commands } = counting();
  const server = await place.serve({ commands });
  const ask = await asking(place);
  const seen = [
    await ask("id1", "next", '"secret"'),
    (await ask("id1", "next", '"guess"'))?.[0],
    (await ask("id1", "echo", '"secret"'))?.[0],
    await ask("id1", "next", '"secret"'),
  ];
  await server.close();
  await place.serve({ commands });
  seen.push(await ask("id1", "next", '"secret"'), await ask("id1", "next", '"a new guess"'));
  assertEquals(seen, [
    ["ok", "1"],
    "already_exists",
    "already_exists",
    ["ok", "1"],
    ["ok", "1"],
    ["ok", "2"],
  ]);
});

Deno.test("an id ends no call of its caller: by no refusal, no result and no cancellation", async () => {
  await using place = new Place();
  const { commands, gate, started } = counting();
  await place.serve({ commands });
  const client = await place.connect();
  const calling = client.call("gated", "secret");
  const key = await started.at(0);
  const results = await place.results();
  const { topic } = place;
  const version = { [HEADER.version]: "1" };
  await place.produce({
    topic: `${topic}_control`,
    key,
    value: "",
    headers: { ...version, [HEADER.control]: "cancel" },
  });
  await place.produce({ topic, key, value: "1", headers: version });
  const echo = { ...version, [HEADER.command]: "echo" };
  await place.produce({ topic, key, value: '"forged"', headers: echo });
  await results.first(2);
  gate.resolve();
  assertEquals(await calling, "the result");
});
