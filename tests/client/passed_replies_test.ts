// When the log says that replies of others cost too much.
import { assertEquals } from "@std/assert";
import { PassedReplies } from "../../src/client/passed_replies.ts";
import { RecordingLogger } from "../recording_logger.ts";

/** Lines of the log after so many replies for each of this client's own, and what they count. */
function linesFor(passedPerOwn: number, own: number) {
  const logger = new RecordingLogger();
  {
    const counts = { replies: 0, unmatched: 0 };
    using passed = new PassedReplies({ topic: "results", partition: 3 }, { counts, logger });
    for (let call = 0; call < own; call++) {
      counts.replies++;
      for (let other = 0; other < passedPerOwn; other++) {
        counts.unmatched++;
        passed.look();
      }
    }
  }
  return logger.lines.items.map(({ level, fields }) => [level, fields]);
}

Deno.test("replies of others that cost more than the client's own are told, with their numbers", () => {
  assertEquals(linesFor(20, 50), [
    ["warn", { topic: "results", partition: 3, own: 50, passed: 1_000 }],
  ]);
});

Deno.test("replies of others that cost less than the client's own are not told", () => {
  assertEquals(linesFor(5, 1_000), []);
});

Deno.test("a few replies of others are not told, whatever the share", () => {
  assertEquals(linesFor(999, 1), []);
});

Deno.test("replies of others go on for hours: the log has one line now and then", () => {
  assertEquals(linesFor(1_000, 20).length, 2); // the first, and the last at the close
});
