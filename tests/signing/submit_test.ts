// Submitted calls where both sides sign.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { SignedSides } from "./signed_sides.ts";
import { ManualClock } from "../manual_clock.ts";

Deno.test("a signed reply to a submitted call is found later", async () => {
  await using sides = await SignedSides.open();
  const first = await sides.connect();
  const handle = JSON.parse(JSON.stringify(await first.submit("whoami", 1)));
  await first.close();
  await sides.serve();
  const later = await sides.connect();
  assertEquals(await later.attach(handle).result(), "alice");
});

Deno.test("a reply to a submitted call that nobody signed is not taken", async () => {
  await using sides = await SignedSides.open();
  const client = await sides.connect();
  const handle = await client.submit("whoami", 1);
  sides.broker.append({
    topic: "commands_results",
    partition: 0,
    key: handle.id,
    value: '"eve"',
    headers: { "rpc-version": "1", "rpc-status": "ok", "rpc-digest": handle.digest },
  });
  assertEquals(await client.attach(handle).state(), "accepted");
});

Deno.test("a signed reply is not taken for another submitted call", async () => {
  using clock = new ManualClock();
  await using sides = await SignedSides.open();
  const client = await sides.connect();
  const first = await client.submit("whoami", 1);
  const second = await client.submit("whoami", 2);
  await sides.serve();
  await client.attach(second).result();
  const mixed = { ...first, id: second.id, digest: second.digest };
  const waiting = () => client.attach(mixed).result({ timeoutMs: 50 });
  const rejected = assertRejects(waiting, RpcError, "no reply came within 50 ms");
  await clock.advance(50);
  await rejected;
});

Deno.test("a client that signs nothing finds the signed reply to what it submitted", async () => {
  await using sides = await SignedSides.open();
  await sides.serve({ verify: undefined });
  const client = await sides.connect({ sign: undefined });
  const handle = JSON.parse(JSON.stringify(await client.submit("whoami", 1)));
  assertEquals(await client.attach(handle).result(), null);
});

Deno.test("attach() refuses a handle whose signed reply nobody could know", async () => {
  await using sides = await SignedSides.open();
  const plain = await sides.connect({ sign: undefined, verify: undefined });
  const handle = await plain.submit("whoami", 1);
  const client = await sides.connect();
  const error = assertThrows(() => client.attach(handle), RpcError, "takes signed replies only");
  assertEquals(error.code, "failed_precondition");
});
