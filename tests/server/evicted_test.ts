// Requests whose partitions go to another server before they have come to wait for a slot.
import { assertEquals } from "@std/assert";
import { serve } from "@kafka-rpc/deno";
import { MemoryBroker } from "@kafka-rpc/deno/memory";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { Signer } from "../../src/signing/signer.ts";
import type { KeyMaterial } from "../../src/signing/keys.ts";
import { utf8 } from "../../src/wire/utf8.ts";
import { Arrivals } from "../arrivals.ts";
import { ALICE, SERVER } from "../signing/keys.ts";

/** What ran on a server that lost its partitions while `held` of one request was open. */
async function ranAfterLoss(held: Held, options: Partial<ServeOptions>): Promise<string[]> {
  const broker = new MemoryBroker();
  broker.createTopic("commands", 1);
  const transport = broker.transport();
  const consume = transport.consume.bind(transport);
  let lose = () => {};
  transport.consume = (options) => {
    lose = () => options.onLost?.();
    return consume(options);
  };
  const ran: string[] = [];
  const commands = { work: () => void ran.push("work") };
  await using server = await serve({ commands, transport, logger, ...options });
  const headers = {
    "rpc-version": "1",
    "rpc-command": "work",
    "rpc-deadline": String(Date.now() + 60_000),
  };
  const record = { topic: "commands", key: utf8("id1"), value: utf8("1"), headers };
  broker.append(await (await Signer.open(ALICE)).sign("request", record));
  await held.begun.at(0);
  lose();
  held.open();
  await held.ended.promise;
  await server.close();
  return ran;
}

/** Something asynchronous in front of a command: begun, and ended when the test lets it. */
class Held {
  readonly begun = new Arrivals<string>();
  readonly ended = Promise.withResolvers<void>();
  readonly #gate = Promise.withResolvers<void>();

  open(): void {
    this.#gate.resolve();
  }

  async wait<T>(value: T): Promise<T> {
    this.begun.push("begun");
    await this.#gate.promise;
    this.ended.resolve();
    return value;
  }
}

const key: KeyMaterial = ALICE.key;

Deno.test("a request whose signature is being checked when its partition goes does not run", async () => {
  const held = new Held();
  assertEquals(await ranAfterLoss(held, { sign: SERVER, verify: () => held.wait(key) }), []);
});

Deno.test("a request whose principal is being authorized when its partition goes does not run", async () => {
  const held = new Held();
  const options = { sign: SERVER, verify: { "alice-1": key }, authorize: () => held.wait(true) };
  assertEquals(await ranAfterLoss(held, options), []);
});

Deno.test("a request that an interceptor holds when its partition goes does not run", async () => {
  const held = new Held();
  const hold: Interceptor = (next) => async (call) => {
    await held.wait(undefined);
    return await next(call);
  };
  assertEquals(await ranAfterLoss(held, { interceptors: [hold] }), []);
});
