// Keys that change while both sides run.
import { assertEquals } from "@std/assert";
import type { KeyMaterial, SigningKey, TrustedKey } from "../../src/signing/keys.ts";
import { ALICE, PAIR, secret, SERVER } from "./keys.ts";
import { SignedSides } from "./signed_sides.ts";

const NEXT: SigningKey = { keyId: "alice-2", key: secret(128) };

Deno.test("a caller goes over to a new key without a refused call", async () => {
  const keys = new Map<string, KeyMaterial | TrustedKey>([
    [ALICE.keyId, { key: ALICE.key, principal: "alice" }],
  ]);
  let current: SigningKey = ALICE;
  await using sides = await SignedSides.open();
  await using server = await sides.serve({ verify: keys });
  const client = await sides.connect({ sign: () => current });
  const results = [await client.call("whoami")];
  keys.set(NEXT.keyId, { key: NEXT.key, principal: "alice" });
  results.push(await client.call("whoami"));
  current = NEXT;
  results.push(await client.call("whoami"));
  keys.delete(ALICE.keyId);
  results.push(await client.call("whoami"));
  assertEquals([results, server.counts.unauthenticated], [Array(4).fill("alice"), 0]);
});

Deno.test("a key that is taken away is refused from the next request on", async () => {
  const keys: Record<string, KeyMaterial> = { [ALICE.keyId]: ALICE.key };
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({ verify: keys });
  const client = await sides.connect();
  const first = await client.call("whoami");
  delete keys[ALICE.keyId];
  const second = await client.call("whoami").catch((error) => error.code);
  assertEquals([first, second], ["alice-1", "unauthenticated"]);
});

Deno.test("servers go over to a new key without a refused reply", async () => {
  let current: SigningKey = SERVER;
  const next = { keyId: "server-2", key: PAIR.private };
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({ sign: () => Promise.resolve(current) });
  const verify = { [SERVER.keyId]: SERVER.key, [next.keyId]: PAIR.public };
  const client = await sides.connect({ verify: (keyId) => verify[keyId] });
  const results = [await client.call("whoami")];
  current = next;
  results.push(await client.call("whoami"));
  assertEquals([results, client.counts.unauthenticated], [["alice", "alice"], 0]);
});

Deno.test("keys that cannot be looked up make requests unavailable, and the log says why", async () => {
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({
    verify: () => Promise.reject(new Error("the vault is closed")),
  });
  const client = await sides.connect();
  const code = await client.call("whoami").catch((error) => error.code);
  const [line] = sides.logger.lines.items.filter(({ level }) => level === "error");
  assertEquals([code, line?.fields["error"]], ["unavailable", "Error: the vault is closed"]);
});
