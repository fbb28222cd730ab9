import { assertEquals } from "@std/assert";
import type { OutgoingCall } from "../../src/client/outgoing_call.ts";
import { PendingCalls } from "../../src/client/pending_calls.ts";
import type { Reply } from "../../src/client/results_stream.ts";
import { sendAndWait, type SendingParts } from "../../src/client/send_and_wait.ts";
import type { WatchedCall } from "../../src/client/unanswered_calls.ts";
import type { ProduceOptions } from "../../src/transport/produce_retries.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { OutgoingRecord } from "../../src/wire/record.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { ok } from "../pipeline/call_of.ts";
import { errorOf, outgoingCallOf } from "./outgoing_call_of.ts";
import { recordOf } from "../wire/record_of.ts";
import { ManualClock } from "../manual_clock.ts";

/** The end of a client's pipeline, and all that it did. */
class End {
  readonly pending = new PendingCalls<Reply>(10);
  readonly sent: { record: OutgoingRecord; options: ProduceOptions }[] = [];
  readonly watched = new Set<WatchedCall>();
  readonly canceled: string[] = [];
  readonly acknowledgement = Promise.withResolvers<void>();
  outages = 0;
  readonly call: (parts?: Partial<OutgoingCall>) => Promise<Outcome>;

  constructor() {
    const parts: SendingParts = {
      place: { topic: "commands", group: "servers" },
      sending: {
        produce: (record, options = {}) => {
          this.sent.push({ record, options });
          return this.acknowledgement.promise;
        },
      },
      pending: this.pending,
      results: { topic: "results", partition: 3 },
      presence: { outage: () => void this.outages++ },
      unanswered: {
        watch: (call) => void this.watched.add(call),
        unwatch: (call) => void this.watched.delete(call),
      },
      cancel: ({ id }) => void this.canceled.push(id),
    };
    const handler = sendAndWait(parts);
    this.call = (parts) => handler(outgoingCallOf({ deadline: Date.now() + 60_000, ...parts }));
  }

  /** The request that was sent last has its acknowledgement. */
  async acknowledge(): Promise<void> {
    this.acknowledgement.resolve();
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
  }

  reply(outcome: Outcome): boolean {
    const about = { id: "1", server: "s", digest: undefined, record: recordOf({}) };
    const reply = { kind: "reply", outcome, ...about } as const;
    return this.pending.resolve("1", reply);
  }
}

const failure: Outcome = {
  ok: false,
  failure: { code: "not_found", name: "RpcError", message: "Cannot run." },
};

Deno.test("the request names the partition that its reply is read from", async () => {
  const end = new End();
  const calling = end.call();
  const { topic, headers } = end.sent[0]!.record;
  end.reply(ok(3));
  await calling;
  assertEquals([topic, headers["rpc-reply-topic"], headers["rpc-reply-partition"]], [
    "commands",
    "results",
    "3",
  ]);
});

Deno.test("a reply that comes before the acknowledgement is taken, and nothing is watched after it", async () => {
  const end = new End();
  const calling = end.call();
  end.reply(ok(3));
  const outcome = await calling;
  await end.acknowledge();
  assertEquals([outcome, end.watched.size], [ok(3), 0]);
});

Deno.test("a failure of the command is an RpcError of the stage remote", async () => {
  const end = new End();
  const calling = end.call();
  end.reply(failure);
  const error = errorOf(await calling);
  assertEquals([error instanceof RpcError, error?.code, error?.stage], [
    true,
    "not_found",
    "remote",
  ]);
});

Deno.test("a call is watched from its acknowledgement to its reply", async () => {
  const end = new End();
  const calling = end.call();
  const sizes = [end.watched.size];
  await end.acknowledge();
  sizes.push(end.watched.size);
  end.reply(ok(1));
  await calling;
  assertEquals([...sizes, end.watched.size], [0, 1, 0]);
});

Deno.test("a call that waits for a server is not watched", async () => {
  const end = new End();
  const calling = end.call({ waitForServer: true });
  await end.acknowledge();
  const { size } = end.watched;
  end.reply(ok(1));
  await calling;
  assertEquals(size, 0);
});

Deno.test("a call that nothing answers any more fails with unavailable, and is canceled", async () => {
  const end = new End();
  const calling = end.call();
  await end.acknowledge();
  for (const call of end.watched) call.onGone();
  const error = errorOf(await calling);
  assertEquals([error?.code, error?.stage, end.canceled], ["unavailable", "wait", ["1"]]);
});

Deno.test("a record that can't be sent ends its call in the stage send", async () => {
  const end = new End();
  const calling = end.call();
  end.acknowledgement.reject(new RpcError("permission_denied", "Cannot send."));
  const error = errorOf(await calling);
  assertEquals([error?.code, error?.stage], ["permission_denied", "send"]);
});

Deno.test("a caller that aborts ends its call, which is canceled at the servers", async () => {
  const end = new End();
  const controller = new AbortController();
  const calling = end.call({ caller: controller.signal });
  controller.abort(new Error("enough"));
  assertEquals([errorOf(await calling)?.code, end.canceled], ["canceled", ["1"]]);
});

Deno.test("a record that is sent again counts as an outage, and its error stands in that of the call", async () => {
  using clock = new ManualClock();
  const end = new End();
  const calling = end.call({ deadline: clock.wallTime() + 5 });
  end.sent[0]!.options.onRetry?.(new Error("no broker answers"));
  await clock.advance(5);
  const error = errorOf(await calling);
  assertEquals([end.outages, error?.code, error?.message.includes("no broker answers")], [
    1,
    "unavailable",
    true,
  ]);
});

Deno.test("a record is not sent again once its call is settled", async () => {
  const end = new End();
  const calling = end.call();
  const { options } = end.sent[0]!;
  const before = options.signal?.aborted;
  end.reply(ok(1));
  await calling;
  assertEquals([before, options.signal?.aborted], [false, true]);
});
