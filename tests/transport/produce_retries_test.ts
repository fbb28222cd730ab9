import { assertEquals, assertRejects } from "@std/assert";
import { ProduceRetries } from "../../src/transport/produce_retries.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { OutgoingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";

const record = (value: number): OutgoingRecord => ({
  topic: "t",
  key: null,
  value: Uint8Array.of(value),
  headers: {},
});
const down = () => new RpcError("unavailable", "Cannot send: down.");
const LATER = Date.now() + 1_000_000;

/** A cluster that the test switches on and off; it tells each attempt. */
function cluster() {
  const state = { failure: undefined as Error | undefined };
  const attempts = new Arrivals<number>();
  const retries = new ProduceRetries({
    produce: async (record) => {
      attempts.push(record.value![0]!);
      await Promise.resolve();
      if (state.failure !== undefined) throw state.failure;
    },
  }, { background: false });
  return { state, attempts, retries };
}

Deno.test("a record that the cluster takes is sent once", async () => {
  const { attempts, retries } = cluster();
  await retries.produce(record(1));
  assertEquals(attempts.items, [1]);
});

Deno.test("a record is sent again while no broker takes it", async () => {
  const { state, attempts, retries } = cluster();
  state.failure = down();
  const sent = retries.produce(record(1), { until: LATER });
  await attempts.first(3);
  state.failure = undefined;
  await sent;
  assertEquals(attempts.items.length > 3, true);
});

Deno.test("what no other attempt can help fails at once", async () => {
  const { state, attempts, retries } = cluster();
  state.failure = new RpcError("permission_denied", "Cannot send: ACL.");
  await assertRejects(() => retries.produce(record(1), { until: LATER }), RpcError, "ACL");
  assertEquals(attempts.items.length, 1);
});

Deno.test("a record is sent no longer than it is worth, and fails with its last failure", async () => {
  const { state, retries } = cluster();
  state.failure = down();
  await assertRejects(
    () => retries.produce(record(1), { until: Date.now() + 1 }),
    RpcError,
    "down",
  );
});

Deno.test("each failure before another attempt is told", async () => {
  const { state, retries } = cluster();
  state.failure = down();
  const told: unknown[] = [];
  const onRetry = (error: unknown) => {
    told.push(error);
    state.failure = undefined;
  };
  await retries.produce(record(1), { until: LATER, onRetry });
  assertEquals(told.length, 1);
});

Deno.test("a signal ends the sending again", async () => {
  const { state, attempts, retries } = cluster();
  state.failure = down();
  const end = new AbortController();
  const sent = retries.produce(record(1), { until: LATER, signal: end.signal });
  await attempts.at(0);
  end.abort();
  await assertRejects(() => sent, RpcError, "down");
});

Deno.test("close() ends what waits", async () => {
  const { state, attempts, retries } = cluster();
  state.failure = down();
  const sent = retries.produce(record(1), { until: LATER });
  await attempts.at(0);
  retries.close();
  await assertRejects(() => sent, RpcError, "down");
});

Deno.test("the first success ends every wait, the most urgent first", async () => {
  const { state, attempts, retries } = cluster();
  state.failure = down();
  const waiting = [3, 1, 2].map((value) => {
    return retries.produce(record(value), { until: LATER + 1_000 * value });
  });
  await attempts.first(3);
  state.failure = undefined;
  await Promise.all([...waiting, retries.produce(record(0))]);
  assertEquals(attempts.items.slice(3), [0, 1, 2, 3]);
});
