import { assertEquals } from "@std/assert";
import { InFlightRecords } from "../../src/server/in_flight_records.ts";
import { Offsets } from "../../src/server/offsets.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { recordOf } from "../wire/record_of.ts";

const at = (offset: bigint): IncomingRecord => ({ ...recordOf({}), offset });

/** Records of partition 0 whose records the test answers itself. */
function manual(max: number) {
  const work: { resolve: (answered: boolean) => void; reject: (error: unknown) => void }[] = [];
  const logger = new RecordingLogger();
  const offsets = new Offsets();
  offsets.assign([0]);
  const records = new InFlightRecords({
    max,
    offsets,
    logger,
    handle: () => {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      work.push({ resolve, reject });
      return promise;
    },
    pass: async () => {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      work.push({ resolve, reject });
      await promise;
    },
  });
  return { records, work, offsets, logger };
}

Deno.test("a server without records is ready at once", () => {
  assertEquals(manual(1).records.ready(), undefined);
});

Deno.test("a record that is answered without a promise is finished at once", () => {
  const offsets = new Offsets();
  offsets.assign([0]);
  const pass = () => Promise.resolve();
  const logger = silentLogger;
  const records = new InFlightRecords({ max: 1, offsets, logger, handle: () => true, pass });
  records.take(at(0n));
  assertEquals([records.ready(), offsets.committable()], [undefined, new Map([[0, 1n]])]);
});

Deno.test("a server with as many records in flight as it may have is not ready", () => {
  const { records } = manual(2);
  records.take(at(0n));
  records.take(at(1n));
  assertEquals(records.ready() instanceof Promise, true);
});

Deno.test("a record that is answered makes room", async () => {
  const { records, work } = manual(1);
  records.take(at(0n));
  const ready = records.ready();
  work[0]!.resolve(true);
  await ready;
  assertEquals(records.ready(), undefined);
});

Deno.test("a record that comes again while it is in flight is not answered twice", () => {
  const { records, work } = manual(5);
  records.take(at(0n));
  records.take(at(0n));
  assertEquals(work.length, 1);
});

Deno.test("a record of a partition of another server is not answered", () => {
  const { records, work, offsets } = manual(5);
  offsets.assign([]);
  records.take(at(0n));
  assertEquals(work.length, 0);
});

Deno.test("a record that is answered may be committed", async () => {
  const { records, work, offsets } = manual(5);
  records.take(at(0n));
  work[0]!.resolve(true);
  await records.idle();
  assertEquals(offsets.committable(), new Map([[0, 1n]]));
});

Deno.test("a record that was let go of is not committed", async () => {
  const { records, work, offsets } = manual(5);
  records.take(at(0n));
  work[0]!.resolve(false);
  await records.idle();
  assertEquals(offsets.committable(), new Map([[0, 0n]]));
});

Deno.test("a record that was let go of is answered when it comes again", async () => {
  const { records, work } = manual(5);
  records.take(at(0n));
  work[0]!.resolve(false);
  await records.idle();
  records.take(at(0n));
  assertEquals(work.length, 2);
});

Deno.test("a record that can't be handled is logged, and delays no other", async () => {
  const { records, work, offsets, logger } = manual(5);
  records.take(at(0n));
  work[0]!.reject(new Error("boom"));
  await records.idle();
  assertEquals([logger.messages("error"), offsets.committable().get(0)], [
    ["a record could not be handled"],
    1n,
  ]);
});

Deno.test("offsets that are passed are not finished before what is left of them is kept", async () => {
  const { records, work, offsets } = manual(2);
  const place = { topic: "commands", partition: 0, fromOffset: 0n, lastOffset: 4n };
  records.pass({ ...place, reason: "its codec (7) is not known" });
  offsets.pass(0, 5n);
  const before = offsets.committable().get(0);
  work[0]!.resolve(true);
  await records.idle();
  assertEquals([before, offsets.committable().get(0)], [0n, 5n]);
});

Deno.test("idle() waits for every record in flight", async () => {
  const { records, work } = manual(2);
  const order: string[] = [];
  records.take(at(0n));
  records.take(at(1n));
  const idle = records.idle().then(() => order.push("idle"));
  work[1]!.resolve(true);
  order.push("answered");
  work[0]!.resolve(true);
  await idle;
  assertEquals(order, ["answered", "idle"]);
});

Deno.test("idle() resolves at once where nothing is in flight", async () => {
  const records = new InFlightRecords({
    max: 1,
    offsets: new Offsets(),
    logger: silentLogger,
    handle: () => Promise.resolve(true),
    pass: () => Promise.resolve(),
  });
  assertEquals(await records.idle(), undefined);
});

Deno.test("a record whose reply no broker takes makes room for another one", async () => {
  const { records } = manual(1);
  records.take(at(0n));
  const ready = records.ready();
  records.unsent(at(0n));
  await ready;
  assertEquals(records.ready(), undefined);
});

Deno.test("a record whose reply no broker takes holds back the commit", () => {
  const { records, offsets } = manual(1);
  records.take(at(0n));
  records.unsent(at(0n));
  assertEquals(offsets.committable(), new Map([[0, 0n]]));
});

Deno.test("no more replies wait for brokers than records may be in flight", () => {
  const { records } = manual(2);
  const waits = [0n, 1n, 2n].map((offset) => {
    records.take(at(offset));
    return records.unsent(at(offset));
  });
  assertEquals([...waits, records.unsent(at(1n))], [true, true, false, true]);
});

Deno.test("a record whose reply was sent at last makes no more room than its own", async () => {
  const { records, work } = manual(1);
  records.take(at(0n));
  records.unsent(at(0n));
  records.take(at(1n));
  work[0]!.resolve(true);
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(records.ready() instanceof Promise, true);
});
