import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  callable,
  type Check,
  flag,
  listOf,
  oneOf,
  secret,
  show,
  signal,
  text,
  wholeNumber,
  withMethods,
} from "../../src/options/check.ts";
import { RpcError } from "../../src/wire/errors.ts";

/** The text of the error that a value gets. */
function refusal(check: Check<unknown>, value: unknown): string {
  const error = assertThrows(() => check(value, "x"), RpcError);
  assertEquals(error.code, "invalid_argument");
  return error.message;
}

for (const value of [1, 30_000, 2_147_483_647]) {
  Deno.test(`${value} is a whole number in range`, () => {
    assertEquals(wholeNumber()(value, "x"), value);
  });
}

const NO_NUMBERS = [0, -1, 1.5, NaN, Infinity, 2_147_483_648, "5", null, true, [5], 5n, {}];
for (const value of NO_NUMBERS) {
  Deno.test(`${Deno.inspect(value)} is no whole number, and the text has the range`, () => {
    assertEquals(
      refusal(wholeNumber(), value),
      `Cannot use the option \`x\`: it is ${
        show(value)
      }. Give a whole number from 1 to 2147483647.`,
    );
  });
}

Deno.test("a range may begin and end elsewhere", () => {
  const check = wholeNumber({ from: 0, to: 10 });
  assertEquals(check(0, "x"), 0);
  assertEquals(refusal(check, 11).includes("from 0 to 10"), true);
});

Deno.test("Infinity is a number only where it may be one", () => {
  assertEquals(wholeNumber({ orInfinity: true })(Infinity, "x"), Infinity);
  assertEquals(refusal(wholeNumber({ orInfinity: true }), -Infinity).includes("or Infinity"), true);
});

for (const value of ["true", "false", 0, 1, null, {}]) {
  Deno.test(`${Deno.inspect(value)} is neither true nor false`, () => {
    assertEquals(
      refusal(flag, value),
      `Cannot use the option \`x\`: it is ${show(value)}. Give true or false.`,
    );
  });
}

for (const value of ["", 5, null, ["a"], new String("a")]) {
  Deno.test(`${Deno.inspect(value)} is no text`, () => {
    assertEquals(refusal(text, value).includes("Give a non-empty string."), true);
  });
}

Deno.test("a long text is cut where it is shown", () => {
  assertEquals(show("x".repeat(1_000)).length, 63);
});

Deno.test("a secret of a wrong type is not shown", () => {
  assertEquals(
    refusal(secret, 12345),
    "Cannot use the option `x`: it is a number. Give a non-empty string.",
  );
});

Deno.test("a misspelt value gets the one that may have been meant", () => {
  assertEquals(
    refusal(oneOf(["process", "worker", "none"]), "proces"),
    'Cannot use the option `x`: it is "proces". Did you mean "process"?',
  );
});

Deno.test("a value that is near to none gets them all", () => {
  assertEquals(
    refusal(oneOf(["process", "worker", "none"]), "vm"),
    'Cannot use the option `x`: it is "vm". Give "process", "worker" or "none".',
  );
});

Deno.test("a list is copied", () => {
  const list = Object.freeze(["a"]);
  const copy = listOf(text, "[]")(list, "x");
  assertEquals([copy, copy !== (list as unknown)], [["a"], true]);
});

Deno.test("a wrong entry of a list is refused by its place", () => {
  assertEquals(
    refusal(listOf(text, "[]"), ["a", 5]).startsWith("Cannot use the option `x[1]`"),
    true,
  );
});

Deno.test("a hole in a list is refused by its place", () => {
  // deno-lint-ignore no-sparse-arrays -- the hole is what is tested
  assertEquals(refusal(listOf(text, "[]"), [, "a"]).includes("`x[0]`: it is missing"), true);
});

Deno.test("what is no list gets an example of one", () => {
  assertEquals(
    refusal(listOf(text, '["a"]'), "a"),
    'Cannot use the option `x`: it is "a", not a list. Give a list, for example ["a"].',
  );
});

Deno.test("what is no function gets the advice", () => {
  assertEquals(
    refusal(callable("Give one."), "a"),
    "Cannot use the option `x`: it is a string. Give one.",
  );
});

Deno.test("the signal of a controller is one, and stays the same", () => {
  const controller = new AbortController();
  assertStrictEquals(signal(controller.signal, "x"), controller.signal);
});

for (const value of [{}, new AbortController(), null, "abort", new EventTarget()]) {
  Deno.test(`${Deno.inspect(value)} is no signal`, () => {
    assertEquals(refusal(signal, value).includes("not an AbortSignal"), true);
  });
}

interface Door {
  open(): void;
  close(): void;
}
const door = withMethods<Door>({ open: true, close: true }, "Give a door.");

Deno.test("an object of a class has the methods of its class", () => {
  class Gate implements Door {
    open(): void {}
    close(): void {}
  }
  const gate = new Gate();
  assertStrictEquals(door(gate, "x"), gate);
});

Deno.test("an object without a method is refused by the name of the method", () => {
  assertEquals(
    refusal(door, { open() {} }),
    "Cannot use the option `x`: it has no method `close`. Give a door.",
  );
});

Deno.test("a misspelt method is named", () => {
  assertEquals(
    refusal(door, { open() {}, closed() {} }),
    "Cannot use the option `x`: it has no method `close`, but `closed`. Give a door.",
  );
});

for (const value of [null, "door", 5]) {
  Deno.test(`${Deno.inspect(value)} has no methods`, () => {
    assertEquals(refusal(door, value).endsWith("not an object. Give a door."), true);
  });
}
