import { assertEquals } from "@std/assert";
import { linkSignals } from "../../src/async/linked_signal.ts";

Deno.test("a linked signal aborts with the reason of its source", () => {
  const source = new AbortController();
  using linked = linkSignals(undefined, source.signal);
  source.abort("enough");
  assertEquals(linked.signal.reason, "enough");
});

Deno.test("a signal linked to one that has aborted has aborted too", () => {
  using linked = linkSignals(AbortSignal.abort("before"));
  assertEquals(linked.signal.reason, "before");
});

Deno.test("abort() of a linked signal leaves its sources alone", () => {
  const source = new AbortController();
  using linked = linkSignals(source.signal);
  linked.abort("mine");
  assertEquals([linked.signal.reason, source.signal.aborted], ["mine", false]);
});

Deno.test("a linked signal that was disposed of follows no more", () => {
  const source = new AbortController();
  const linked = linkSignals(source.signal);
  linked[Symbol.dispose]();
  source.abort();
  assertEquals(linked.signal.aborted, false);
});
