import { assertEquals } from "@std/assert";
import { ForgottenReplies } from "../../src/server/forgotten_replies.ts";
import { ManualClock } from "../manual_clock.ts";

Deno.test("a request that was answered is known until its deadline", () => {
  using clock = new ManualClock();
  const forgotten = new ForgottenReplies();
  forgotten.add("a", clock.wallTime() + 1_000);
  const recalled = [forgotten.recall("a", clock.wallTime() + 1_000)];
  recalled.push(forgotten.recall("b", clock.wallTime() + 1_000));
  assertEquals(recalled, ["answered", undefined]);
});

Deno.test("what is past its deadline makes room for others", () => {
  using clock = new ManualClock();
  const forgotten = new ForgottenReplies(10);
  for (let n = 0; n < 9; n++) forgotten.add(`old ${n}`, clock.wallTime() + 1_000);
  clock.jump(2_000);
  for (let n = 0; n < 9; n++) forgotten.add(`new ${n}`, clock.wallTime() + 1_000);
  const until = clock.wallTime() + 1_000;
  const recalled = [forgotten.recall("old 0", until), forgotten.recall("new 0", until)];
  assertEquals(recalled, [undefined, "answered"]);
});

Deno.test("where there is no room, what may be a copy is unknown; a later deadline is not", () => {
  using clock = new ManualClock();
  const forgotten = new ForgottenReplies(10);
  const until = (n: number) => clock.wallTime() + 1_000 + n;
  for (let n = 0; n < 20; n++) forgotten.add(`${n}`, until(n));
  const recalled = [
    forgotten.recall("19", until(19)),
    forgotten.recall("0", until(0)),
    forgotten.recall("fresh", until(20)),
  ];
  assertEquals(recalled, ["answered", "unknown", undefined]);
});
