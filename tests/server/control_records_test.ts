// Cancellations and credits, each behind the check of its signature.
import { assertEquals } from "@std/assert";
import { ControlRecords } from "../../src/server/control_records.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { recordOf } from "../wire/record_of.ts";

const DIGEST = "d".repeat(22);
const cancel = (id: string) => ({ kind: "cancel", id, digest: DIGEST }) as const;

/** What takes control records, and whose checks end when the test says so. */
function open() {
  const logger = new RecordingLogger();
  const canceled: unknown[] = [];
  const checks: ((principal: string | undefined) => void)[] = [];
  const controls = new ControlRecords({
    authentication: {
      controls: () => new Promise<string | undefined>((resolve) => checks.push(resolve)),
    },
    cancellations: { cancel: ({ id, principal }) => canceled.push([id, principal]) > 0 },
    streams: { grant: () => {} },
    logger,
  });
  return { controls, checks, canceled, logger };
}

/** Lets all that follows from what has settled happen. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

Deno.test("no more than 32 signatures of control records are checked at a time", async () => {
  const { controls, checks } = open();
  using _ = controls;
  for (let i = 0; i < 100; i++) controls.take(recordOf({ key: `${i}` }), cancel(`${i}`));
  const before = checks.length;
  checks[0]!(undefined);
  await turns();
  assertEquals([before, checks.length], [32, 33]);
});

Deno.test("control records that waited for their check are obeyed, in their order", async () => {
  const { controls, checks, canceled } = open();
  using _ = controls;
  for (let i = 0; i < 40; i++) controls.take(recordOf({ key: `${i}` }), cancel(`${i}`));
  for (let i = 0; i < 40; i++) {
    checks[i]!(i === 7 ? undefined : "billing");
    await turns();
  }
  const all = Array.from({ length: 40 }, (_, i) => [`${i}`, "billing"]);
  assertEquals(canceled, all.filter(([id]) => id !== "7"));
});

for (
  const [what, count, value] of [
    ["10 000 control records", 10_040, ""],
    ["16 MiB of control records", 60, "x".repeat(1_000_000)],
  ] as const
) {
  Deno.test(`what comes while ${what} wait for their check is not taken, and counted`, () => {
    const { controls, checks, logger } = open();
    using _ = controls;
    for (let i = 0; i < count; i++) controls.take(recordOf({ key: "1", value }), cancel("1"));
    controls[Symbol.dispose]();
    const [first, last] = logger.lines.items;
    const dropped = 2 + Number(last?.fields["unreported"] ?? 0);
    const waited = value === "" ? 10_000 : 16;
    assertEquals([first?.message, dropped, checks.length], [
      "a control record is not taken: too many come",
      count - 32 - waited,
      32,
    ]);
  });
}
