// Receipts and metadata of replies over a real broker, in process and from inside a sandbox.
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { CommandContext } from "../../src/executor/executor.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { Receipt } from "../../src/wire/receipt.ts";
import { Place } from "./place.ts";

const module = new URL("./fixtures/priced.ts", import.meta.url);
const commands = await import("./fixtures/priced.ts") as Record<
  string,
  (input: unknown, context: CommandContext) => unknown
>;

for (
  const [where, served] of [
    ["in process", { commands: { ...commands } }],
    ["in a child process", { commands: module }],
    ["in a worker", { commands: module, isolation: "worker" }],
  ] as const
) {
  Deno.test(`receipts over Kafka, commands ${where}`, async (t) => {
    await using place = new Place();
    const server = await place.serve(served);
    const client = await place.connect();
    const receipts: Receipt[] = [];
    const onReceipt = (receipt: Receipt) => void receipts.push(receipt);

    await t.step("a receipt says which server ran it, and where its records lie", async () => {
      assertEquals(await client.call("price", 2, { onReceipt }), 6);
      const { server: id, request, reply } = receipts[0]!;
      assertEquals([id, request?.topic, request?.offset, reply?.topic, reply?.offset], [
        server.id,
        place.topic,
        0,
        place.resultsTopic,
        0,
      ]);
    });

    await t.step("the parts of the time make up the whole", () => {
      const { totalMs, waitedMs, runMs, transitMs } = receipts[0]!;
      assert(Math.abs(totalMs! - waitedMs! - runMs! - transitMs!) < 0.001);
    });

    await t.step("client and server of one machine have one clock", () => {
      const { clockAheadMs, transitMs } = receipts[0]!;
      // Wall time is in whole milliseconds.
      assert(Math.abs(clockAheadMs!) <= transitMs! / 2 + 2);
    });

    await t.step("what the command set comes with the receipt", () => {
      assertEquals({ ...receipts[0]!.metadata }, { cost: "3", currency: "€" });
    });

    await t.step("what a command set that fails comes with its error", async () => {
      const { code, receipt } = await assertRejects(
        () => client.call("refuse", null, { onReceipt }),
        RpcError,
      );
      assertEquals([code, { ...receipt?.metadata }], ["unavailable", { "retry-after": "5" }]);
    });

    await t.step("a command can't set what is the protocol's", async () => {
      const refused = () => client.call("forge");
      await assertRejects(refused, RpcError, 'of the name "rpc-status"');
    });
  });
}
