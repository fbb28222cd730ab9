// Programs that are wrong: where the compiler says so, and how.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { CONFIG, program } from "./program.ts";

const DATE = "a Date arrives as text: let the command take a string";

/** A program, what is underlined first, and what is said of it. */
const WRONG: readonly [string, string, string][] = [
  ['client.call("add", { a: 1, b: 2, c: 3 });', "c", "'c' does not exist in type"],
  ['client.call("add", { a: 1, b: "2" });', "b:", "'string' is not assignable to type 'number'"],
  ['client.call("add", { a: 1 });', "{ a: 1 }", "Property 'b' is missing"],
  ['client.call("add");', "call", "Expected 2-3 arguments, but got 1"],
  ['client.call("sub", 1);', '"sub"', "'\"sub\"' is not assignable to parameter"],
  ['client.call("now", 5);', "5", "not assignable to parameter of type 'undefined'"],
  ['client.call("eval", 5);', "5", "not assignable to parameter of type 'string'"],
  ['client.call("add", { a: 1, b: 2 }, { timeout: 5 });', "timeout", "to write 'timeoutMs'?"],
  ['client.call("at", { when: new Date() });', "when", DATE],
  ['client.call("later", [{ when: [new Date()] }]);', "new Date()", DATE],
  ['client.call("big", 5n);', "5n", "a bigint can't be sent"],
  ['client.call("map", new Map());', "new Map()", "a Map or Set can't be sent"],
  ['client.call("set", new Set());', "new Set()", "a Map or Set can't be sent"],
  ['client.call("greet", new Person());', "new Person()", "a function or method can't be sent"],
  ['client.call("inside", { bytes: new Uint8Array() });', "bytes", "that is the whole input"],
  ['client.call("tail", "x");', '"x"', "this command is a stream: use client.stream()"],
  ['client.submit("tail", "x");', '"x"', "this command is a stream: use client.stream()"],
  ['client.callMany("tail", "x");', '"x"', "this command is a stream: use client.stream()"],
  ['for await (const n of client.stream("tail", "x")) n * 2;', "n", "left-hand side of an arith"],
  ['client.stream("tail", 5);', "5", "not assignable to parameter of type 'string'"],
  ['call("add", { a: 1, b: 2, c: 3 });', "c", "'c' does not exist in type"],
  ['math.call("primes", 9);', "9", "this command is a stream: use client.stream()"],
  ['math.stream("primes", "9");', '"9"', "not assignable to parameter of type 'number'"],
  ['math.call("divide", { a: 1 });', "{ a: 1 }", "Property 'b' is missing"],
  ['math.call("divde", { a: 1, b: 2 });', '"divde"', "'\"divde\"' is not assignable to parameter"],
  ['command(shared.divide, () => "1");', '"1"', "'string' is not assignable to type"],
  ["command(shared.primes, (n) => n);", "n)", "not assignable to type 'AsyncGenerator<number"],
  ["contract({ a: { inptu: z.string() } });", "inptu", "'inptu' does not exist in type"],
  ["contract({ a: { input: 5 } });", "input", "'number' is not assignable to type"],
];

/** Position and text of the first error in each program. */
async function firstErrors(texts: readonly string[]) {
  const folder = await Deno.makeTempDir();
  try {
    const paths = texts.map((text, index) => {
      const path = `${folder}/program_${index}.ts`;
      Deno.writeTextFileSync(path, program(text));
      return path;
    });
    const args = ["check", "--no-lock", "--config", CONFIG, ...paths];
    const env = { NO_COLOR: "1" };
    const { stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
    const errors = new TextDecoder().decode(stderr).split(/^(?=TS\d+ \[ERROR\])/m).slice(1);
    return paths.map((path) => {
      const text = errors.find((error) => error.includes(`${path}:`)) ?? "no error";
      const [, line, column] = text.match(/program_\d+\.ts:(\d+):(\d+)/) ?? [];
      return { text, line: Number(line), column: Number(column) };
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a wrong call is underlined where it is wrong, and says what is", async (t) => {
  const errors = await firstErrors(WRONG.map(([text]) => text));
  for (const [index, [text, underlined, expected]] of WRONG.entries()) {
    await t.step(text, () => {
      const { text: said, line, column } = errors[index]!;
      const rest = program(text).split("\n")[line - 1]?.slice(column - 1) ?? said;
      assertEquals(rest.slice(0, underlined.length), underlined);
      assertStringIncludes(said, expected);
    });
  }
});
