// Calls that wait for their turn inside an executor: they have not begun.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { serve, type ServeOptions } from "@kafka-rpc/deno";
import { Deadlines } from "../../src/async/deadlines.ts";
import { abortedOutcome, type Executor, type Job, type Turn } from "../../src/executor/executor.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { Ending } from "../../src/server/ending.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { ConsumeOptions } from "../../src/transport/transport.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import type { RpcError } from "../../src/wire/errors.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { Arrivals } from "../arrivals.ts";
import { within } from "../within.ts";
import { Counter } from "./counter.ts";
import { ManualClock } from "../manual_clock.ts";
import { policiesOf } from "./policies/policies_of.ts";

const ok: Outcome = { ok: true, output: codecsWith().encode("ran") };

/** An executor in which each job waits until the test lets it begin. */
class Queueing implements Executor {
  readonly commands = ["add"];
  readonly jobs = new Arrivals<{ readonly turn: Turn; readonly answer: () => void }>();

  run(_job: Job, signal: AbortSignal, turn?: Turn): Promise<Outcome> {
    turn!.waits();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    signal.addEventListener("abort", () => resolve(abortedOutcome(signal.reason)), { once: true });
    this.jobs.push({ turn: turn!, answer: () => resolve(ok) });
    return promise;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A server with such an executor, and one job that waits in it. */
async function waiting(options: Pick<ServeOptions, "limits" | "drainTimeoutMs"> = {}) {
  const executor = new Queueing();
  const counter = await Counter.open({ executor, ...options });
  counter.send("one", "add");
  const job = await executor.jobs.at(0);
  return { counter, job };
}

Deno.test("a call that cannot start within limits.queueMs is refused while it waits in an executor", async () => {
  using clock = new ManualClock();
  const { counter } = await waiting({ limits: { queueMs: 10 } });
  await clock.advance(10);
  const { status, message } = await counter.reply("one");
  await counter[Symbol.asyncDispose]();
  assertEquals([status, counter.server.counts.shed], ["resource_exhausted", 1]);
  assertStringIncludes(message, "10 ms of `limits.queueMs`");
});

Deno.test("a call that waits in an executor at a close goes to the next server", async () => {
  const { counter } = await waiting({ drainTimeoutMs: 1_000 });
  await counter.server.close();
  const before = counter.replies.items.length;
  const transport = counter.broker.transport();
  const commands = { add: () => "ran" };
  const next = await serve({ commands, transport, logger: silentLogger });
  const { value } = await counter.reply("one");
  await next.close();
  await counter[Symbol.asyncDispose]();
  assertEquals([before, value], [0, "ran"]);
});

Deno.test("a call that began after it waited in an executor is finished by a close", async () => {
  const { counter, job } = await waiting();
  job.turn.begins();
  const closing = counter.server.close();
  job.answer();
  await closing;
  const { value } = await counter.reply("one");
  await counter[Symbol.asyncDispose]();
  assertEquals(value, "ran");
});

Deno.test("a rebalance does not wait for calls that wait in an executor, and none is answered", async () => {
  const broker = new MemoryBroker();
  const transport = broker.transport();
  const consume = transport.consume.bind(transport);
  const consuming = Promise.withResolvers<ConsumeOptions>();
  transport.consume = (options: ConsumeOptions) => {
    consuming.resolve(options);
    return consume(options);
  };
  const executor = new Queueing();
  const options = { executor, logger: silentLogger, drainTimeoutMs: 100 };
  await using server = await serve({ ...options, transport });
  const value = new TextEncoder().encode("1");
  const headers = { "rpc-version": "1", "rpc-command": "add", "content-type": "application/json" };
  broker.append({ topic: "commands", key: new TextEncoder().encode("one"), value, headers });
  await executor.jobs.at(0);
  await within((await consuming.promise).onRevoking!(), "the end of what the server has");
  const { succeeded, failed } = server.counts;
  assertEquals([succeeded, failed], [0, 0]);
});

Deno.test("a call that an executor takes back during a rebalance goes to another server", () => {
  const ending = new Ending(new Deadlines());
  const deadline = Date.now() + 60_000;
  ending.allow({ command: "add", deadline, policy: policiesOf().of("add") }, deadline);
  ending.evict();
  const before = ending.signal.aborted;
  ending.waits();
  ending.pause();
  assertEquals([before, ending.signal.aborted, ending.fate], [false, true, "released"]);
});

Deno.test("a call whose deadline has passed when its turn comes does not begin", () => {
  const ending = new Ending(new Deadlines());
  const deadline = Date.now() - 1;
  ending.allow({ command: "add", deadline, policy: policiesOf().of("add") }, deadline);
  ending.begins();
  const { code, message } = ending.signal.reason as RpcError;
  ending.pause();
  assertEquals([code, message], [
    "deadline_exceeded",
    'Cannot run "add": its deadline passed while it waited for its turn. Call again with a ' +
    "longer `timeoutMs`.",
  ]);
});
