import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { flagOr, text, wholeNumber } from "../../src/options/check.ts";
import { required, type Schema, shape } from "../../src/options/shape.ts";
import { RpcError } from "../../src/wire/errors.ts";

interface Wheel {
  readonly sizeMm?: number | undefined;
}
interface Car {
  readonly name: string;
  readonly doors?: number | undefined;
  readonly wheel?: boolean | Wheel | undefined;
}
const wheel = flagOr(shape<Wheel>({ sizeMm: wholeNumber() }, { example: "{ sizeMm: 400 }" }));
const SCHEMA: Schema<Car> = { name: required(text), doors: wholeNumber({ to: 5 }), wheel };
const car = shape(SCHEMA, { owner: "build()", example: '{ name: "a" }' });

const refusal = (value: unknown): string => assertThrows(() => car(value, ""), RpcError).message;

Deno.test("the options come as a plain copy, without what is undefined", () => {
  assertEquals(car({ name: "a", doors: undefined, wheel: { sizeMm: 5 } }, ""), {
    name: "a",
    wheel: { sizeMm: 5 },
  });
});

class Settings {
  readonly #doors = 3;
  get name(): string {
    return "a";
  }
  get doors(): number {
    return this.#doors;
  }
}
const OBJECTS: [string, object][] = [
  ["an object without a prototype", Object.assign(Object.create(null), { name: "a", doors: 3 })],
  ["a frozen object", Object.freeze({ name: "a", doors: 3 })],
  ["an object of a class with getters", new Settings()],
  ["an object that inherits", Object.create({ name: "a", doors: 3 })],
  ["a Proxy", new Proxy({ name: "a", doors: 3 }, {})],
];
for (const [what, object] of OBJECTS) {
  Deno.test(`${what} will do`, () => assertEquals(car(object, ""), { name: "a", doors: 3 }));
}

Deno.test("an option is read once", () => {
  let reads = 0;
  const object = {
    get name() {
      return `read ${++reads}`;
    },
  };
  assertEquals(car(object, "").name, "read 1");
});

const REFUSED: [unknown, string][] = [
  [{ name: "a", door: 3 }, "`door`: build() has no option of this name. Did you mean `doors`?"],
  [{ name: "a", Doors: 3 }, "`Doors`: build() has no option of this name. Did you mean `doors`?"],
  [
    { name: "a", wheel: { size: 5 } },
    "`wheel.size`: `wheel` has no option of this name. Did you mean `wheel.sizeMm`?",
  ],
  [
    { name: "a", sizeMm: 5 },
    "`sizeMm`: build() has no option of this name. Did you mean `wheel.sizeMm`?",
  ],
  [
    { name: "a", roof: 1 },
    "`roof`: build() has no option of this name. There are name, doors, wheel.",
  ],
  [{ name: "a", "a b": 1 }, '`["a b"]`: build() has no option of this name.'],
  [{ name: "a", toString: 1 }, "`toString`: build() has no option of this name."],
  [{ name: "a", wheel: { sizeMm: 0 } }, "`wheel.sizeMm`: it is 0."],
  [{ name: "a", wheel: null }, "`wheel`: it is null, not an object. Give { sizeMm: 400 }."],
  [{ name: "a", wheel: [] }, "`wheel`: it is a list, not an object."],
  [{}, "`name`: it is missing. Give a non-empty string."],
  [{ name: undefined }, "`name`: it is missing."],
];
for (const [value, message] of REFUSED) {
  Deno.test(`${Deno.inspect(value)} is refused by the path of the option`, () => {
    assertStringIncludes(refusal(value), `Cannot use the option ${message}`);
  });
}

for (const [value, kind] of [[null, "null"], [[], "a list"], ["x", "a string"], [5, "a number"]]) {
  Deno.test(`${Deno.inspect(value)} instead of the options of a function is refused`, () => {
    assertEquals(
      refusal(value),
      `Cannot use the options of build(): they are ${kind}, not an object. Give { name: "a" }.`,
    );
  });
}

/** Never run: what the compiler says of it is the test. */
export function typed(): void {
  // @ts-expect-error: doors are forgotten
  ({ name: required(text), wheel }) satisfies Schema<Car>;
  // @ts-expect-error: the name is required
  ({ name: text, doors: wholeNumber(), wheel }) satisfies Schema<Car>;
  // @ts-expect-error: there is no roof
  ({ name: required(text), doors: wholeNumber(), wheel, roof: text }) satisfies Schema<Car>;
  // @ts-expect-error: doors are no text
  ({ name: required(text), doors: text, wheel }) satisfies Schema<Car>;
}
