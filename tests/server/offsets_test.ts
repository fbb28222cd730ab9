import { assertEquals } from "@std/assert";
import { Offsets, PartitionOffsets } from "../../src/server/offsets.ts";

const taken = (...offsets: bigint[]): PartitionOffsets => {
  const partition = new PartitionOffsets();
  offsets.forEach((offset) => partition.take(offset));
  return partition;
};

Deno.test("nothing taken, nothing to commit", () => {
  assertEquals(new PartitionOffsets().committable(), undefined);
});

Deno.test("with the lowest record open, its own offset is all that may be committed", () => {
  const partition = taken(5n, 6n);
  partition.finish(6n);
  assertEquals(partition.committable(), 5n);
});

Deno.test("what may be committed is the lowest record that is not finished", () => {
  const partition = taken(0n, 1n, 2n, 3n);
  [0n, 1n, 3n].forEach((offset) => partition.finish(offset));
  assertEquals(partition.committable(), 2n);
});

Deno.test("with everything finished it is the offset after the last record", () => {
  const partition = taken(0n, 1n);
  [1n, 0n].forEach((offset) => partition.finish(offset));
  assertEquals(partition.committable(), 2n);
});

Deno.test("a gap in the offsets does not hold anything back", () => {
  const partition = taken(0n, 7n);
  [0n, 7n].forEach((offset) => partition.finish(offset));
  assertEquals(partition.committable(), 8n);
});

Deno.test("what stands behind the last record and is none may be committed with it", () => {
  const partition = taken(0n);
  partition.pass(3n);
  partition.finish(0n);
  assertEquals(partition.committable(), 3n);
});

Deno.test("what is no record may be committed where no record ever came", () => {
  const partition = new PartitionOffsets();
  partition.pass(2n);
  assertEquals(partition.committable(), 2n);
});

Deno.test("a record that is open holds back what stands behind it", () => {
  const partition = taken(0n);
  partition.pass(3n);
  assertEquals(partition.committable(), 0n);
});

Deno.test("what was passed is committed once", () => {
  const partition = new PartitionOffsets();
  partition.pass(2n);
  partition.commit(2n);
  partition.pass(2n);
  assertEquals(partition.committable(), undefined);
});

Deno.test("offsets that are passed on a partition of another server mean nothing", () => {
  const offsets = new Offsets();
  offsets.assign([0]);
  offsets.pass(1, 5n);
  assertEquals(offsets.committable(), new Map());
});

Deno.test("what is committed is not committed again", () => {
  const partition = taken(0n);
  partition.finish(0n);
  partition.commit(1n);
  assertEquals(partition.committable(), undefined);
});

Deno.test("a record that comes again while it is open is not taken twice", () => {
  assertEquals(taken(3n).take(3n), false);
});

Deno.test("a record that comes again after it was finished is not taken twice", () => {
  const partition = taken(3n, 4n);
  partition.finish(4n);
  assertEquals(partition.take(4n), false);
});

Deno.test("offsets that begin anew, of a topic that was made anew, are taken", () => {
  const partition = taken(100n);
  partition.finish(100n);
  partition.commit(101n);
  assertEquals(partition.take(0n), true);
});

Deno.test("offsets that begin anew before anything was committed are taken", () => {
  const partition = taken(100n);
  assertEquals(partition.take(0n), true);
});

Deno.test("a log that began anew is committed from its own offsets", () => {
  const partition = taken(100n);
  partition.finish(100n);
  partition.commit(101n);
  partition.take(0n);
  partition.finish(0n);
  assertEquals(partition.committable(), 1n);
});

Deno.test("finishing a record that was never taken does no harm", () => {
  const partition = taken(0n);
  partition.finish(9n);
  assertEquals(partition.committable(), 0n);
});

Deno.test("a record of a partition of another server is not taken", () => {
  const offsets = new Offsets();
  offsets.assign([0]);
  assertEquals(offsets.take(1, 0n), false);
});

Deno.test("a partition that is kept keeps its open records", () => {
  const offsets = new Offsets();
  offsets.assign([0, 1]);
  offsets.take(0, 5n);
  offsets.assign([0]);
  assertEquals(offsets.take(0, 5n), false);
});

Deno.test("a partition that went away and came back is taken from its last commit", () => {
  const offsets = new Offsets();
  offsets.assign([0]);
  offsets.take(0, 5n);
  offsets.assign([]);
  offsets.assign([0]);
  assertEquals(offsets.take(0, 5n), true);
});

Deno.test("a record of a partition that has gone is never committed", () => {
  const offsets = new Offsets();
  offsets.assign([0]);
  offsets.take(0, 5n);
  offsets.assign([1]);
  offsets.finish(0, 5n);
  assertEquals(offsets.committable(), new Map());
});

Deno.test("each partition commits for itself", () => {
  const offsets = new Offsets();
  offsets.assign([0, 1]);
  offsets.take(0, 0n);
  offsets.take(1, 9n);
  offsets.finish(1, 9n);
  assertEquals(offsets.committable(), new Map([[0, 0n], [1, 10n]]));
});

Deno.test("commit() of a map is a commit of each partition", () => {
  const offsets = new Offsets();
  offsets.assign([0]);
  offsets.take(0, 0n);
  offsets.finish(0, 0n);
  offsets.commit(offsets.committable());
  assertEquals(offsets.committable(), new Map());
});

Deno.test("a record that was let go of is not committed", () => {
  const partition = taken(0n, 1n);
  partition.release(0n);
  partition.finish(1n);
  assertEquals(partition.committable(), 0n);
});

Deno.test("a record that was let go of may be taken again, once", () => {
  const partition = taken(0n);
  partition.release(0n);
  assertEquals([partition.take(0n), partition.take(0n)], [true, false]);
});

Deno.test("what was known of a partition that others had meanwhile is not committed", () => {
  const partition = taken(0n, 1n);
  partition.finish(0n);
  partition.leave();
  partition.finish(1n);
  assertEquals(partition.committable(), undefined);
});

Deno.test("a partition that others had meanwhile is committed from where it goes on", () => {
  const partition = taken(0n, 1n);
  partition.leave();
  partition.take(10n);
  partition.finish(10n);
  assertEquals(partition.committable(), 11n);
});

Deno.test("a record that runs while others may have its partition is not taken twice, and holds the commit back", () => {
  const partition = taken(0n, 1n);
  partition.leave();
  assertEquals([partition.take(0n), partition.take(1n)], [false, false]);
  partition.finish(0n);
  assertEquals(partition.committable(), 1n);
});

Deno.test("a record that was finished before others could have its partition is not taken twice", () => {
  const partition = taken(0n);
  partition.finish(0n);
  partition.leave();
  assertEquals([partition.take(0n), partition.committable()], [false, 1n]);
});

Deno.test("a record that is let go of after others could have its partition may be taken again", () => {
  const partition = taken(0n);
  partition.leave();
  partition.release(0n);
  assertEquals([partition.committable(), partition.take(0n), partition.committable()], [
    undefined,
    true,
    0n,
  ]);
});

Deno.test("a partition that comes again from a commit in doubt is taken on, not anew", () => {
  const partition = taken(5n);
  partition.finish(5n);
  partition.commit(6n);
  partition.take(6n);
  partition.finish(6n);
  partition.doubt();
  partition.take(7n);
  partition.finish(7n);
  partition.commit(8n);
  assertEquals([6n, 7n].map((offset) => partition.take(offset)), [false, false]);
});

Deno.test("with no commit in doubt any more, what comes below the last one is of a new log", () => {
  const partition = taken(0n);
  partition.finish(0n);
  partition.doubt();
  partition.commit(1n);
  partition.trust();
  assertEquals(partition.take(0n), true);
});

Deno.test("what is committed may be committed again where that is asked for", () => {
  const partition = taken(0n);
  partition.finish(0n);
  partition.commit(1n);
  assertEquals(partition.committable({ again: true }), 1n);
});
