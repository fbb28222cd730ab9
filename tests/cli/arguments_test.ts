// The command line: what is understood, and what is refused how.
import { assertEquals, assertThrows } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const FLAGS = {
  count: { value: "N", help: "" },
  timeout: { value: "TIME", help: "" },
  topic: { value: "NAME", help: "" },
  metadata: { value: "NAME=TEXT", multiple: true, help: "" },
  verbose: { short: "v", help: "" },
} as const;

const parse = (...args: string[]) => parseArguments(args, FLAGS);
const refused = (act: () => unknown) => assertThrows(act, UsageError).message;

Deno.test("flags and operands may come in any order", () => {
  const args = parse("add", "--topic", "a", "-v", "{}", "--count=3");
  const given = [args.text("topic"), args.flag("verbose"), args.number("count")];
  assertEquals([...given, args.positionals], ["a", true, 3, ["add", "{}"]]);
});

Deno.test("a lone dash is an operand", () => {
  assertEquals(parse("add", "-").positionals, ["add", "-"]);
});

Deno.test("behind -- everything is an operand", () => {
  assertEquals(parse("add", "--", "-5").positionals, ["add", "-5"]);
});

Deno.test("of a flag that is given twice the last value counts", () => {
  assertEquals(parse("--topic", "a", "--topic", "b").text("topic"), "b");
});

Deno.test("a repeatable flag keeps all its values", () => {
  assertEquals(parse("--metadata", "a=1", "--metadata", "b=2").list("metadata"), ["a=1", "b=2"]);
});

Deno.test("a flag that is not known is refused with the one that was meant", () => {
  const text = refused(() => parse("--timout", "5s"));
  assertEquals(text, 'Cannot run: there is no flag "--timout". Did you mean --timeout?');
});

Deno.test("a flag like nothing is refused with all there are", () => {
  const text = refused(() => parse("--xyzzy"));
  const all = "--count, --timeout, --topic, --metadata, --verbose";
  assertEquals(text, `Cannot run: there is no flag "--xyzzy". There are ${all}.`);
});

Deno.test("a flag without its value is refused", () => {
  const text = refused(() => parse("--topic"));
  assertEquals(text, "Cannot use --topic: its value is missing. Give --topic NAME.");
});

Deno.test("a value for a flag that is on or off is refused", () => {
  const text = refused(() => parse("--verbose=yes"));
  assertEquals(text, 'Cannot use --verbose: it is "yes". It takes no value.');
});

for (const wrong of ["0", "-1", "1.5", "many", ""]) {
  Deno.test(`a number "${wrong}" is refused`, () => {
    const args = parse(`--count=${wrong}`);
    const text = refused(() => args.number("count", { to: 10 }));
    const reason = `it is "${wrong}". Give a whole number from 1 to 10.`;
    assertEquals(text, `Cannot use --count: ${reason}`);
  });
}

for (
  const [text, milliseconds] of [["500", 500], ["20ms", 20], ["1.5s", 1_500], [
    "2m",
    120_000,
  ]] as const
) {
  Deno.test(`the time ${text} is ${milliseconds} ms`, () => {
    assertEquals(parse("--timeout", text).duration("timeout"), milliseconds);
  });
}

for (const wrong of ["soon", "5 s", "0s", "-1s"]) {
  Deno.test(`the time "${wrong}" is refused`, () => {
    const args = parse(`--timeout=${wrong}`);
    const text = refused(() => args.duration("timeout"));
    const reason = `it is "${wrong}". Give a time such as 500ms, 5s, 2m or 1h.`;
    assertEquals(text, `Cannot use --timeout: ${reason}`);
  });
}
