// A server that stood still: whether it still is a member of its group, its coordinator must say.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect, serve } from "@kafka-rpc/deno";
import { MemoryBroker } from "@kafka-rpc/deno/memory";
import type { ConsumeOptions } from "../../src/transport/transport.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { ManualClock } from "../manual_clock.ts";

/** A server whose membership the test puts in doubt, and a client. */
async function open() {
  const broker = new MemoryBroker();
  const transport = broker.transport();
  const consume = transport.consume.bind(transport);
  const membership = {
    doubt: undefined as Promise<void> | undefined,
    lose: () => {},
    commits: [] as bigint[],
  };
  transport.consume = async (options: ConsumeOptions) => {
    membership.lose = () => options.onLost?.();
    const consumption = await consume(options);
    const commit = consumption.commit.bind(consumption);
    return Object.assign(consumption, {
      certain: () => membership.doubt,
      commit: async (offsets: ReadonlyMap<number, bigint>) => {
        membership.commits.push(...offsets.values());
        await commit(offsets);
      },
    });
  };
  const began = new Arrivals<string>();
  const gate = Promise.withResolvers<void>();
  const commands = {
    hold: async () => {
      began.push("hold");
      await gate.promise;
    },
    quick: () => began.push("quick"),
  };
  const logger = new RecordingLogger();
  const server = await serve({ commands, transport, logger, concurrency: 1 });
  const client = await connect<typeof commands>({ transport: broker.transport() });
  const close = async () => {
    await client.close();
    await server.close();
  };
  return { membership, began, gate, server, client, logger, [Symbol.asyncDispose]: close };
}

Deno.test("a command that waits does not begin while it is not certain that the server is a member", async () => {
  await using at = await open();
  const holding = at.client.call("hold");
  await at.began.at(0);
  const quick = at.client.call("quick");
  const certain = Promise.withResolvers<void>();
  at.membership.doubt = certain.promise;
  at.gate.resolve();
  await holding;
  const before = [...at.began.items];
  at.membership.doubt = undefined;
  certain.resolve();
  await quick;
  assertEquals([before, at.began.items], [["hold"], ["hold", "quick"]]);
});

Deno.test("a command that waits is left to another server when the group went on without this one", async () => {
  using clock = new ManualClock();
  await using at = await open();
  const holding = at.client.call("hold");
  await at.began.at(0);
  const quick = at.client.call("quick", undefined, { timeoutMs: 300 }).catch(({ code }) => code);
  at.membership.doubt = new Promise(() => {});
  at.gate.resolve();
  await holding;
  at.membership.lose();
  await clock.advance(300);
  assertEquals([await quick, at.server.counts.waiting], ["deadline_exceeded", 0]);
});

Deno.test("a command is left to another server when no coordinator can be asked, with the reason in the log", async () => {
  using clock = new ManualClock();
  await using at = await open();
  at.membership.doubt = Promise.reject(new TypeError("no way to ask"));
  const quick = at.client.call("quick", undefined, { timeoutMs: 300 }).catch(({ code }) => code);
  await clock.advance(300);
  const code = await quick;
  at.membership.doubt = undefined;
  await at.server.close();
  const [line] = at.logger.lines.items.filter(({ level }) => level === "error");
  assertEquals([code, at.began.items, at.membership.commits], ["deadline_exceeded", [], [0n]]);
  assertStringIncludes(String(line?.fields["error"]), "no way to ask");
});

Deno.test("a call that its caller cancels does not wait for certainty", async () => {
  await using at = await open();
  at.membership.doubt = new Promise(() => {});
  const controller = new AbortController();
  const call = at.client.call("quick", undefined, { signal: controller.signal });
  controller.abort();
  await assertRejects(() => call);
  await at.server.close();
  assertEquals(at.began.items, []);
});

Deno.test("what was answered before the group went on without the server is not committed after it", async () => {
  await using at = await open();
  const holding = at.client.call("hold");
  await at.began.at(0);
  at.membership.lose();
  at.gate.resolve();
  await holding;
  await at.server.close();
  assertEquals(at.membership.commits, []);
});
