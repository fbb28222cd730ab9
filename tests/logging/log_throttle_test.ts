import { assertEquals } from "@std/assert";
import { LogThrottle } from "../../src/logging/log_throttle.ts";
import { withClock } from "../clock.ts";
import { RecordingLogger } from "../recording_logger.ts";

/** Long enough that no timer ends in a test. */
const HOUR_MS = 3_600_000;

/** The number of each line, and how many it stands for besides itself. */
const written = (logger: RecordingLogger) =>
  logger.lines.items.map(({ fields }) => [fields["n"], fields["unreported"]]);

Deno.test("the first line is written at once, as it is", () => {
  const logger = new RecordingLogger();
  using throttle = new LogThrottle(logger, { intervalMs: HOUR_MS });
  throttle.log("failed", { n: 0 });
  assertEquals(logger.lines.items, [{ level: "warn", message: "failed", fields: { n: 0 } }]);
});

Deno.test("lines in the interval are counted by the next one after it", () => {
  const logger = new RecordingLogger();
  withClock((clock) => {
    using throttle = new LogThrottle(logger, { intervalMs: HOUR_MS });
    [0, 1, HOUR_MS - 1, HOUR_MS].forEach((now, n) => {
      clock.now = now;
      throttle.log("failed", { n });
    });
  });
  assertEquals(written(logger), [[0, undefined], [3, 2]]);
});

Deno.test("the last burst is reported when the interval is over, though no line follows", async () => {
  const logger = new RecordingLogger();
  using throttle = new LogThrottle(logger, { intervalMs: 1 });
  withClock(() => [0, 1, 2].forEach((n) => throttle.log("failed", { n })));
  await logger.lines.first(2);
  assertEquals(written(logger), [[0, undefined], [2, 1]]);
});

Deno.test("a line that is written late has the time of its event", async () => {
  const logger = new RecordingLogger();
  using throttle = new LogThrottle(logger, { intervalMs: 1 });
  const before = new Date().toISOString();
  withClock(() => [0, 1].forEach((n) => throttle.log("failed", { n })));
  const after = new Date().toISOString();
  const at = String((await logger.lines.at(1)).fields["at"]);
  assertEquals([before <= at, at <= after], [true, true]);
});

Deno.test("close() reports what was left out", () => {
  const logger = new RecordingLogger();
  const throttle = new LogThrottle(logger, { intervalMs: HOUR_MS });
  [0, 1, 2].forEach((n) => throttle.log("failed", { n }));
  throttle.close();
  assertEquals(written(logger), [[0, undefined], [2, 1]]);
});

Deno.test("close() writes nothing where nothing was left out", () => {
  const logger = new RecordingLogger();
  const throttle = new LogThrottle(logger, { intervalMs: HOUR_MS });
  throttle.log("failed");
  throttle.close();
  assertEquals(logger.lines.items.length, 1);
});

Deno.test("a line after close() is written at once", () => {
  const logger = new RecordingLogger();
  const throttle = new LogThrottle(logger, { intervalMs: HOUR_MS });
  throttle.log("failed", { n: 0 });
  throttle.close();
  throttle.log("failed", { n: 1 });
  assertEquals(written(logger), [[0, undefined], [1, undefined]]);
});

Deno.test("reset() reports what was left out, and lets the next line pass", () => {
  const logger = new RecordingLogger();
  using throttle = new LogThrottle(logger, { intervalMs: HOUR_MS });
  [0, 1].forEach((n) => throttle.log("failed", { n }));
  throttle.reset();
  throttle.log("failed", { n: 2 });
  assertEquals(written(logger), [[0, undefined], [1, undefined], [2, undefined]]);
});

Deno.test("lines have the level that is asked for", () => {
  const logger = new RecordingLogger();
  using throttle = new LogThrottle(logger, { intervalMs: HOUR_MS, level: "error" });
  throttle.log("failed");
  assertEquals(logger.messages("error"), ["failed"]);
});
