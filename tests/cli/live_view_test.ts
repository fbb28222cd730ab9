// A view that is drawn again and again.
import { assertEquals } from "@std/assert";
import { LiveView } from "../../src/cli/live_view.ts";
import { KeptSink } from "./sink.ts";

/** What was written, its control sequences by their names. */
function drawn(sink: KeptSink, ...views: string[][]): string {
  using view = new LiveView(sink.output());
  views.forEach((lines) => view.draw(lines));
  view[Symbol.dispose]();
  return sink.text
    .replaceAll("\u001b[?1049h\u001b[?25l", "<enter>")
    .replaceAll("\u001b[?25h\u001b[?1049l", "<leave>")
    .replaceAll("\u001b[H\u001b[J", "<clear>");
}

Deno.test("a terminal gets another screen, and the last view on its own", () => {
  const text = drawn(new KeptSink(80), ["a"], ["b"]);
  assertEquals(text, "<enter><clear>a\n<clear>b\n<leave>b\n");
});

Deno.test("a view is not longer than the terminal", () => {
  const text = drawn(new KeptSink(80, { rows: 3 }), ["a", "b", "c"]);
  assertEquals(text, "<enter><clear>a\nb\n<leave>a\nb\nc\n");
});

Deno.test("a pipe gets one view behind the other, and nothing that terminals obey", () => {
  assertEquals(drawn(new KeptSink(), ["a"], ["b"]), "a\n\nb\n\n");
});

Deno.test("a terminal that nothing was drawn on stays as it is", () => {
  assertEquals(drawn(new KeptSink(80)), "");
});

Deno.test("a program that ends at once leaves the terminal as it was", () => {
  const sink = new KeptSink(80);
  using view = new LiveView(sink.output());
  view.draw(["a"]);
  globalThis.dispatchEvent(new Event("unload"));
  assertEquals(sink.text.endsWith("\u001b[?25h\u001b[?1049l"), true);
});
