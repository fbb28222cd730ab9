import { assertEquals } from "@std/assert";
import { Resends } from "../../src/transport/resends.ts";
import { Arrivals } from "../arrivals.ts";

const LONG_MS = 1_000_000;
const LATER = Date.now() + 2 * LONG_MS;

/** Records that wait, by the time that they have left; it tells which one goes on. */
function waiting(resends: Resends, untils: readonly number[]): Arrivals<number> {
  const gone = new Arrivals<number>();
  for (const until of untils) resends.wait(LONG_MS, { until }).then(() => gone.push(until));
  return gone;
}

Deno.test("a record waits for its own back-off where nothing gets through", async () => {
  assertEquals(await new Resends().wait(1, { until: Infinity }), undefined);
});

Deno.test("the first success after a failure ends every wait, the most urgent first", async () => {
  const resends = new Resends();
  const gone = waiting(resends, [LATER + 300, LATER + 100, LATER + 200]);
  resends.failed();
  resends.succeeded();
  assertEquals(await gone.first(3), [100, 200, 300].map((ms) => LATER + ms));
});

Deno.test("a success without a failure before it wakes nobody", async () => {
  const resends = new Resends();
  const end = new AbortController();
  const wait = resends.wait(LONG_MS, { until: Infinity, signal: end.signal });
  resends.succeeded();
  const { size } = resends;
  end.abort();
  await wait;
  assertEquals(size, 1);
});

Deno.test("where successes and failures alternate, waits are not cut short at each", async () => {
  const resends = new Resends();
  const end = new AbortController();
  resends.failed();
  resends.succeeded();
  const wait = resends.wait(LONG_MS, { until: Infinity, signal: end.signal });
  resends.failed();
  resends.succeeded();
  const { size } = resends;
  end.abort();
  await wait;
  assertEquals(size, 1);
});

Deno.test("nothing is left of a wait that was aborted", async () => {
  const resends = new Resends();
  await resends.wait(LONG_MS, { until: Infinity, signal: AbortSignal.abort() });
  assertEquals(resends.size, 0);
});

Deno.test("a record waits no longer than it is worth sending", async () => {
  assertEquals(await new Resends().wait(LONG_MS, { until: Date.now() + 1 }), undefined);
});
