import { assertEquals } from "@std/assert";
import { Dispatcher } from "../../src/server/dispatcher.ts";
import { Offsets } from "../../src/server/offsets.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { recordOf } from "../wire/record_of.ts";

const at = (offset: bigint): IncomingRecord => ({ ...recordOf({}), offset });

/** A dispatcher of partition 0 whose records the test answers itself. */
function manual(most: number) {
  const work: { resolve: (answered: boolean) => void; reject: (error: unknown) => void }[] = [];
  const logger = new RecordingLogger();
  const offsets = new Offsets();
  offsets.assign([0]);
  const dispatcher = new Dispatcher({
    most,
    offsets,
    logger,
    answer: () => {
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
  return { dispatcher, work, offsets, logger };
}

Deno.test("a free dispatcher is ready at once", () => {
  assertEquals(manual(1).dispatcher.ready(), undefined);
});

Deno.test("a record that is answered without a promise is finished at once", () => {
  const offsets = new Offsets();
  offsets.assign([0]);
  const pass = () => Promise.resolve();
  const logger = silentLogger;
  const dispatcher = new Dispatcher({ most: 1, offsets, logger, answer: () => true, pass });
  dispatcher.dispatch(at(0n));
  assertEquals([dispatcher.ready(), offsets.committable()], [undefined, new Map([[0, 1n]])]);
});

Deno.test("a dispatcher with as many records under way as it may have is not ready", () => {
  const { dispatcher } = manual(2);
  dispatcher.dispatch(at(0n));
  dispatcher.dispatch(at(1n));
  assertEquals(dispatcher.ready() instanceof Promise, true);
});

Deno.test("a record that is answered makes room", async () => {
  const { dispatcher, work } = manual(1);
  dispatcher.dispatch(at(0n));
  const ready = dispatcher.ready();
  work[0]!.resolve(true);
  await ready;
  assertEquals(dispatcher.ready(), undefined);
});

Deno.test("a record that comes again while it is under way is not answered twice", () => {
  const { dispatcher, work } = manual(5);
  dispatcher.dispatch(at(0n));
  dispatcher.dispatch(at(0n));
  assertEquals(work.length, 1);
});

Deno.test("a record of a partition of another server is not answered", () => {
  const { dispatcher, work, offsets } = manual(5);
  offsets.assign([]);
  dispatcher.dispatch(at(0n));
  assertEquals(work.length, 0);
});

Deno.test("a record that is answered may be committed", async () => {
  const { dispatcher, work, offsets } = manual(5);
  dispatcher.dispatch(at(0n));
  work[0]!.resolve(true);
  await dispatcher.idle();
  assertEquals(offsets.committable(), new Map([[0, 1n]]));
});

Deno.test("a record that was let go of is not committed", async () => {
  const { dispatcher, work, offsets } = manual(5);
  dispatcher.dispatch(at(0n));
  work[0]!.resolve(false);
  await dispatcher.idle();
  assertEquals(offsets.committable(), new Map([[0, 0n]]));
});

Deno.test("a record that was let go of is answered when it comes again", async () => {
  const { dispatcher, work } = manual(5);
  dispatcher.dispatch(at(0n));
  work[0]!.resolve(false);
  await dispatcher.idle();
  dispatcher.dispatch(at(0n));
  assertEquals(work.length, 2);
});

Deno.test("a record that can't be handled is told, and does not hold the others back", async () => {
  const { dispatcher, work, offsets, logger } = manual(5);
  dispatcher.dispatch(at(0n));
  work[0]!.reject(new Error("boom"));
  await dispatcher.idle();
  assertEquals([logger.messages("error"), offsets.committable().get(0)], [
    ["a record could not be handled"],
    1n,
  ]);
});

Deno.test("offsets that are passed are not finished before what is left of them is kept", async () => {
  const { dispatcher, work, offsets } = manual(2);
  const place = { topic: "commands", partition: 0, fromOffset: 0n, lastOffset: 4n };
  dispatcher.pass({ ...place, reason: "its codec (7) is not known" });
  offsets.pass(0, 5n);
  const before = offsets.committable().get(0);
  work[0]!.resolve(true);
  await dispatcher.idle();
  assertEquals([before, offsets.committable().get(0)], [0n, 5n]);
});

Deno.test("idle() waits for every record under way", async () => {
  const { dispatcher, work } = manual(2);
  const order: string[] = [];
  dispatcher.dispatch(at(0n));
  dispatcher.dispatch(at(1n));
  const idle = dispatcher.idle().then(() => order.push("idle"));
  work[1]!.resolve(true);
  order.push("answered");
  work[0]!.resolve(true);
  await idle;
  assertEquals(order, ["answered", "idle"]);
});

Deno.test("idle() resolves at once where nothing is under way", async () => {
  const dispatcher = new Dispatcher({
    most: 1,
    offsets: new Offsets(),
    logger: silentLogger,
    answer: () => Promise.resolve(true),
    pass: () => Promise.resolve(),
  });
  assertEquals(await dispatcher.idle(), undefined);
});
