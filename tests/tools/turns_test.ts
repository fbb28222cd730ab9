import { assertEquals } from "@std/assert";
import { type Turn, Turns } from "../../tools/launch/turns.ts";

function open(): { text: () => string; first: Turn; second: Turn } {
  let text = "";
  const turns = new Turns((chunk) => void (text += new TextDecoder().decode(chunk)));
  return { text: () => text, first: turns.take(), second: turns.take() };
}

const say = (turn: Turn, text: string) => turn.write(new TextEncoder().encode(text));

Deno.test("the first writer comes through at once, and the second one when the first has ended", () => {
  const { text, first, second } = open();
  say(first, "a");
  say(second, "1");
  say(first, "b");
  assertEquals(text(), "ab");
  first.end();
  assertEquals(text(), "ab1");
  say(second, "2");
  assertEquals(text(), "ab12");
});

Deno.test("a second writer that ends before the first keeps its place", () => {
  const { text, first, second } = open();
  say(second, "1");
  second.end();
  say(first, "a");
  assertEquals(text(), "a");
  first.end();
  assertEquals(text(), "a1");
});
