import { assertEquals } from "@std/assert";
import { silentLogger } from "../../src/logging/logger.ts";
import { Commits } from "../../src/server/commits.ts";
import { Offsets } from "../../src/server/offsets.ts";
import { ManualClock } from "../manual_clock.ts";

/** One partition with one finished record; what the broker gets, and how often it fails. */
function begun() {
  const offsets = new Offsets(() => commits.later());
  offsets.assign([0]);
  const finish = (offset: bigint) => {
    offsets.take(0, offset);
    offsets.finish(0, offset);
  };
  const sent: bigint[] = [];
  let failures = 0;
  const commit = (committed: ReadonlyMap<number, bigint>) => {
    sent.push(committed.get(0)!);
    return failures-- > 0 ? Promise.reject(new Error("silent")) : Promise.resolve();
  };
  const commits: Commits = new Commits({
    offsets,
    consumption: () => ({ commit }),
    logger: silentLogger,
  });
  finish(0n);
  return { commits, finish, sent, fail: (times: number) => void (failures = times) };
}

/** A round of commits each second. */
async function rounds(clock: ManualClock, commits: Commits, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000);
    await commits.commit();
  }
}

Deno.test("what is committed is not committed again", async () => {
  using clock = new ManualClock();
  const { commits, sent } = begun();
  await commits.commit();
  await rounds(clock, commits, 200);
  assertEquals(sent, [1n]);
});

Deno.test("a commit that failed is sent again with the next round", async () => {
  using clock = new ManualClock();
  const { commits, sent, fail } = begun();
  fail(1);
  await commits.commit();
  await rounds(clock, commits, 1);
  assertEquals(sent, [1n, 1n]);
});

Deno.test("a failed commit that the broker handles after a later one is set right without another record", async () => {
  using clock = new ManualClock();
  const { commits, sent, finish, fail } = begun();
  fail(1);
  await commits.commit();
  finish(1n);
  await commits.commit();
  // The first one is handled only now.
  sent.push(1n);
  await rounds(clock, commits, 3);
  assertEquals(sent, [1n, 2n, 1n, 2n]);
});

Deno.test("after a failed commit all is committed once more at growing intervals, and then no more", async () => {
  using clock = new ManualClock();
  const { commits, sent, fail } = begun();
  fail(1);
  await commits.commit();
  await rounds(clock, commits, 1_000);
  assertEquals(sent.length, 1 + 1 + 6);
});

Deno.test("calls during a commit share the one after it", async () => {
  using _clock = new ManualClock();
  const { commits, sent, finish } = begun();
  const first = commits.commit();
  finish(1n);
  await Promise.all([first, commits.commit(), commits.commit()]);
  assertEquals(sent, [2n]);
});

/** How many timers are set from now on. */
function timersOf(clock: ManualClock): { readonly set: number } {
  const counted = { set: 0 };
  const timer = clock.timer.bind(clock);
  clock.timer = (...timing) => {
    counted.set++;
    return timer(...timing);
  };
  return counted;
}

Deno.test("what is finished is committed in the next round", async () => {
  using clock = new ManualClock();
  const { commits, sent } = begun();
  commits.begin();
  await clock.advance(200);
  commits.stop();
  assertEquals(sent, [1n]);
});

Deno.test("without anything to commit no timer runs, until there is something", async () => {
  using clock = new ManualClock();
  const { commits, sent, finish } = begun();
  commits.begin();
  await clock.advance(10_000);
  const timers = timersOf(clock);
  await clock.advance(60_000);
  const { set } = timers;
  finish(1n);
  await clock.advance(200);
  commits.stop();
  assertEquals([set, sent], [0, [1n, 2n]]);
});

Deno.test("a commit that fails after a rest is tried again in the next round", async () => {
  using clock = new ManualClock();
  const { commits, sent, finish, fail } = begun();
  commits.begin();
  await clock.advance(10_000);
  fail(1);
  finish(1n);
  await clock.advance(400);
  commits.stop();
  assertEquals(sent, [1n, 2n, 2n]);
});

Deno.test("nothing is committed in rounds once they were stopped", async () => {
  using clock = new ManualClock();
  const { commits, sent, finish } = begun();
  commits.begin();
  commits.stop();
  finish(1n);
  await clock.advance(1_000);
  assertEquals(sent, []);
});
