// What a server says of a call beside its result: its receipt, and metadata of the reply.
import { assertEquals, assertMatch } from "@std/assert";
import type { CommandContext } from "../../src/executor/executor.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { ServerReceipt } from "../../src/wire/receipt.ts";
import { ManualClock } from "../manual_clock.ts";
import { Counter, type SeenReply } from "./counter.ts";

const ASKING = { "rpc-receipt": "1" };

const receiptOf = ({ headers }: SeenReply): ServerReceipt => JSON.parse(headers["rpc-receipt"]!);

const commands = {
  echo: (value: unknown) => value,
  price: (_: unknown, context: CommandContext) => {
    context.setReplyMetadata("cost", "3");
    return 1;
  },
  refuse: (_: unknown, { setReplyMetadata }: CommandContext) => {
    setReplyMetadata("retry-after", "5");
    throw new RpcError("unavailable", "not now");
  },
  forbidden: (_: unknown, context: CommandContext) => context.setReplyMetadata("rpc-status", "ok"),
};

const open = (options: Partial<ServeOptions> = {}) => Counter.open({ commands, ...options });

Deno.test("a reply has a receipt where the request asks for one", async () => {
  await using counter = await open();
  const { attempt, topic, partition, offset } = receiptOf(await counter.ask("echo", 1, ASKING));
  assertEquals({ attempt, topic, partition, offset }, {
    attempt: 1,
    topic: "commands",
    partition: 0,
    offset: 0,
  });
});

Deno.test("a reply has no receipt where nobody asks for it", async () => {
  await using counter = await open();
  assertEquals((await counter.ask("echo", 1)).headers["rpc-receipt"], undefined);
});

Deno.test("a receipt tells the run of a command from its wait for a slot", async () => {
  using clock = new ManualClock();
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const gated = { gated: (n: number) => gates[n]!.promise };
  await using counter = await Counter.open({ commands: gated, concurrency: 1 });
  counter.send("a", "gated", 0);
  counter.send("b", "gated", 1, ASKING);
  await clock.advance(20);
  gates[0]!.resolve();
  await clock.advance(30);
  gates[1]!.resolve();
  const { waited, run, at } = receiptOf(await counter.reply("b"));
  assertEquals({ waited, run, at }, { waited: 20, run: 30, at: 1_700_000_000_000 });
});

Deno.test("a command that is ended at its deadline ran until then", async () => {
  using clock = new ManualClock();
  const forever = { forever: () => new Promise(() => {}) };
  await using counter = await Counter.open({ commands: forever, limits: { timeoutMs: 40 } });
  counter.send("a", "forever", 0, ASKING);
  await clock.advance(50);
  assertEquals(receiptOf(await counter.reply("a")).run, 40);
});

Deno.test("a repeated request gets a receipt of its own, in which nothing ran", async () => {
  using clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  await using counter = await Counter.open({ commands: { gated: () => gate.promise } });
  counter.send("a", "gated", 0, ASKING);
  await clock.advance(30);
  gate.resolve();
  await counter.reply("a");
  counter.send("a", "gated", 0, { ...ASKING, "rpc-attempt": "2" });
  const [, second] = await counter.replies.first(2);
  const { attempt, run, offset } = receiptOf(second!);
  assertEquals({ attempt, run, offset }, { attempt: 2, run: 0, offset: 1 });
});

Deno.test("a refused request has a receipt too", async () => {
  await using counter = await open();
  const { headers, status } = await counter.ask("absent", 1, ASKING);
  assertEquals([status, JSON.parse(headers["rpc-receipt"]!).run], ["not_found", 0]);
});

Deno.test("a command sets headers of its reply", async () => {
  await using counter = await open();
  const { headers, value } = await counter.ask("price");
  assertEquals([value, headers["cost"]], [1, "3"]);
});

Deno.test("a command that fails sets headers of its reply too", async () => {
  await using counter = await open();
  const { headers, status } = await counter.ask("refuse");
  assertEquals([status, headers["retry-after"]], ["unavailable", "5"]);
});

Deno.test("a command can't set a header of the protocol", async () => {
  await using counter = await open();
  const { status, message } = await counter.ask("forbidden");
  assertEquals(status, "unknown");
  assertMatch(message, /of the name "rpc-status": the protocol uses that name itself/);
});

Deno.test("a command can't set headers once it has ended", async () => {
  let set: CommandContext["setReplyMetadata"] | undefined;
  const late = {
    late: (_: unknown, context: CommandContext) => void (set = context.setReplyMetadata),
  };
  await using counter = await Counter.open({ commands: late });
  await counter.ask("late");
  let message = "";
  try {
    set!("cost", "3");
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "Cannot set the metadata of the reply: the command has ended.");
});

Deno.test("a repeated request gets the same headers again, also after a restart", async () => {
  await using counter = await open();
  counter.send("a", "price");
  await counter.reply("a");
  await counter.server.close();
  await using _again = await Counter.open({ commands }, 1, counter.broker);
  counter.send("a", "price");
  const [, second] = await counter.replies.first(2);
  assertEquals([second!.headers["cost"], _again.server.counts.repeated], ["3", 1]);
});

Deno.test("an interceptor of a server sets headers of the reply", async () => {
  await using counter = await open({
    interceptors: [(next) => async (call) => {
      const outcome = await next(call);
      return { ...outcome, metadata: { ...outcome.metadata, zone: "eu" } };
    }],
  });
  const { headers } = await counter.ask("price");
  assertEquals([headers["cost"], headers["zone"]], ["3", "eu"]);
});

Deno.test("headers that no reply may have make an interceptor's outcome none", async () => {
  await using counter = await open({
    interceptors: [(next) => async (call) => {
      return { ...await next(call), metadata: { "rpc-status": "ok" } };
    }],
  });
  assertEquals((await counter.ask("price")).status, "internal");
});
