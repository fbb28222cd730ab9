// The program where requests and replies are signed, on a real broker.
import { assertEquals } from "@std/assert";
import type { CommandContext } from "../../../src/contract/command_context.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { ALICE, CALLERS, SERVER, SERVERS } from "../../signing/keys.ts";
import { Place, textOf } from "../place.ts";
import { rpc, values } from "./program.ts";

const gate = Promise.withResolvers<void>();
const commands = {
  whoami: (_: null, { principal }: CommandContext) => principal ?? null,
  held: () => gate.promise,
};

Deno.test("an operator calls and traces where everything is signed", async (t) => {
  await using place = new Place();
  await place.serve({ commands, sign: SERVER, verify: CALLERS });
  await using folder = await ScratchFolder.create({
    "profiles.json": {
      signed: {
        "topic": place.topic,
        "sign-key-id": ALICE.keyId,
        "sign-key-file": "alice",
        "verify-keys-file": "keys.json",
      },
    },
    "alice": ALICE.key.toBase64(),
    "keys.json": {
      [SERVER.keyId]: SERVER.key.toBase64(),
      [ALICE.keyId]: { key: ALICE.key.toBase64(), principal: "alice" },
    },
  });
  const signed = ["--profile", "signed", "--profiles", `${folder.path}/profiles.json`];
  let id = "";

  await t.step("a call that a profile's key signs is answered, and its reply taken", async () => {
    const ending = await rpc(["call", "whoami", "--json", ...signed]);
    const [{ result, receipt }] = values(ending) as [{ result: string; receipt: { id: string } }];
    id = receipt.id;
    assertEquals([ending.code, result], [0, "alice"]);
  });

  await t.step("a call without a key is refused as unauthenticated; exit code 1", async () => {
    const { code, stderr } = await rpc(["call", "whoami", "--topic", place.topic]);
    assertEquals([code, stderr.startsWith("unauthenticated (remote):")], [1, true], stderr);
  });

  await t.step("servers answer a signed question, and no other", async () => {
    const [answered, refused] = await Promise.all([
      rpc(["ping", "--json", ...signed]),
      rpc(["ping", "--json", "--topic", place.topic]),
    ]);
    const codes = values(refused) as { error: { code: string } }[];
    const seen = [answered.code, refused.code, codes.map(({ error }) => error.code)];
    assertEquals(seen, [0, 1, ["unauthenticated"]], refused.stdout);
  });

  await t.step("trace says who signed the request and the reply", async () => {
    const [verdict] = values(await rpc(["trace", id, "--json", ...signed]));
    const { request, reply } = verdict as Record<string, { signature: { principal: string } }>;
    const principals = [request?.signature.principal, reply?.signature.principal];
    assertEquals(principals, ["alice", SERVER.keyId]);
  });

  await t.step("trace passes a forged reply that came before the true one", async () => {
    const client = await place.connect({ sign: ALICE, verify: SERVERS });
    const requests = await place.read(place.topic);
    const held = client.call("held");
    const { key, headers: sent } = await requests.at(0);
    const partition = Number(textOf(sent.get("rpc-reply-partition")));
    const headers = { "rpc-version": "1", "rpc-status": "ok", "rpc-server": "mallory" };
    await place.produce({ topic: place.resultsTopic, partition, key, value: "1", headers });
    gate.resolve();
    await held;
    const [verdict] = values(await rpc(["trace", textOf(key)!, "--json", ...signed]));
    const { state, reply } = verdict as {
      state: string;
      reply: { server: string; signature: { principal: string } };
    };
    const seen = [state, reply.server === "mallory", reply.signature.principal];
    assertEquals(seen, ["answered", false, SERVER.keyId]);
  });

  await t.step("tail shows a forged reply as such", async () => {
    const headers = { "rpc-version": "1", "rpc-status": "ok", "rpc-server": "mallory" };
    await place.produce({ topic: place.resultsTopic, key: id, value: "1", headers });
    const ending = await rpc(["tail", "--since", "1m", "--count", "5", "--json", ...signed]);
    const codes = (values(ending) as { code: string }[]).map(({ code }) => code);
    assertEquals(codes.toSorted(), ["forged", "forged", "ok", "ok", "unauthenticated"]);
  });
});
