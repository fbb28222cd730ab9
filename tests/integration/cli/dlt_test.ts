// `rpc dlt` on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { openTransport } from "../../../src/transport/open.ts";
import type { IncomingRecord } from "../../../src/wire/record.ts";
import { Arrivals } from "../../arrivals.ts";
import { Place } from "../place.ts";
import { rpc, values } from "./program.ts";

Deno.test("an operator looks at dead letters, and sends one again", async (t) => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" }, deadLetters: true });
  const topic = `${place.topic}-dlt`;
  const options = {
    topics: [[topic, "deadLetters"]] as const,
    background: false,
    signal: undefined,
  };
  await using transport = await openTransport({}, options);
  const letters = new Arrivals<IncomingRecord>();
  await transport.read({ topic, partition: 0, onRecord: letters.push });
  const headers = { "rpc-version": "many", "rpc-command": "ping" };
  await place.produce({ topic: place.topic, key: "k", value: "null", headers });
  await letters.at(0);
  const at = ["--topic", place.topic];

  await t.step("ls has its place, where it came from, and why; exit code 0", async () => {
    const ending = await rpc(["dlt", "ls", "--json", ...at]);
    const [letter] = values(ending) as { place: string; id: string; reason: string }[];
    const reason = 'header rpc-version is "many", not a whole decimal number';
    const found = [ending.code, letter?.place, letter?.id, letter?.reason];
    assertEquals(found, [0, "0@0", "k", reason]);
  });

  await t.step("show has its headers and value", async () => {
    const { code, stdout } = await rpc(["dlt", "show", "0@0", ...at]);
    assertEquals(code, 0);
    assertMatch(stdout, /^header rpc-command +ping\nvalue \(4 bytes\) +null$/m);
  });

  await t.step("replay sends it again: still unreadable, it comes back; exit code 0", async () => {
    const { code } = await rpc(["dlt", "replay", "0@0", ...at]);
    await letters.at(1);
    assertEquals([code, values(await rpc(["dlt", "ls", "--json", ...at])).length], [0, 2]);
  });

  await t.step("one that says that it comes from another topic is not sent there", async () => {
    const headers = { "rpc-dlt-topic": "payments", "rpc-command": "ping" };
    await place.produce({ topic, partition: 0, key: "forged", value: "null", headers });
    const { code, stdout } = await rpc([
      "dlt",
      "replay",
      `0@${(await letters.at(2)).offset}`,
      ...at,
    ]);
    const says = `says that it comes from payments, not from ${place.topic}`;
    assertEquals([code, stdout.includes(says)], [1, true]);
  });

  await t.step("a place where none is: exit code 1", async () => {
    assertEquals((await rpc(["dlt", "show", "0@99", ...at])).code, 1);
  });

  await t.step("no place: exit code 2", async () => {
    assertEquals((await rpc(["dlt", "replay", ...at])).code, 2);
  });
});
