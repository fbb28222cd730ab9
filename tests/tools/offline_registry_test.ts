import nodeAssert from "node:assert/strict";
import type * as stdAssert from "@std/assert";
import type * as stdUuid from "@std/uuid";

const REGISTRY = new URL("../../tools/offline/registry/@std/", import.meta.url);

// Checked with Node's assertions, because offline @std/assert is the very thing under test.
// Where jsr.io is in reach, the types are those of the real packages.
const assert: typeof stdAssert = await import(
  new URL("assert/1.0.19/mod.ts", REGISTRY).href
);
const uuid: typeof stdUuid = await import(
  new URL("uuid/1.1.1/mod.ts", REGISTRY).href
);

async function readJson(path: string) {
  return JSON.parse(await Deno.readTextFile(new URL(path, REGISTRY)));
}

Deno.test("the stand-ins have the versions that deno.json asks for", async () => {
  const config = await Deno.readTextFile(
    new URL("../../deno.json", import.meta.url),
  );
  const { imports } = JSON.parse(config);
  for (const name of ["assert", "uuid"]) {
    const { latest, versions } = await readJson(`${name}/meta.json`);
    nodeAssert.deepEqual(Object.keys(versions), [latest]);
    nodeAssert.deepEqual(imports[`@std/${name}`], `jsr:@std/${name}@${latest}`);
    nodeAssert.deepEqual(
      (await readJson(`${name}/${latest}_meta.json`)).exports["."],
      "./mod.ts",
    );
    await Deno.stat(new URL(`${name}/${latest}/mod.ts`, REGISTRY));
  }
});

Deno.test("every assertion lets the good value pass and refuses the bad one", async (t) => {
  const cases: [name: string, good: () => unknown, bad: () => unknown][] = [
    ["assert", () => assert.assert(1), () => assert.assert(0)],
    [
      "assertFalse",
      () => assert.assertFalse(""),
      () => assert.assertFalse("x"),
    ],
    [
      "assertEquals",
      () =>
        assert.assertEquals({ a: [1, new Map([[1, NaN]])] }, {
          a: [1, new Map([[1, NaN]])],
        }),
      () => assert.assertEquals<unknown>({ a: 1 }, { a: "1" }),
    ],
    [
      "assertEquals distinguishes an absent property from an undefined one",
      () => assert.assertEquals({ a: undefined }, { a: undefined }),
      () => assert.assertEquals<unknown>({ a: undefined }, {}),
    ],
    [
      "assertNotEquals",
      () => assert.assertNotEquals([1], [2]),
      () => assert.assertNotEquals([1], [1]),
    ],
    [
      "assertStrictEquals",
      () => assert.assertStrictEquals(NaN, NaN),
      () => assert.assertStrictEquals({}, {}),
    ],
    [
      "assertNotStrictEquals",
      () => assert.assertNotStrictEquals({}, {}),
      () => assert.assertNotStrictEquals(1, 1),
    ],
    [
      "assertExists",
      () => assert.assertExists(0),
      () => assert.assertExists(null),
    ],
    [
      "assertMatch",
      () => assert.assertMatch("abc", /b/),
      () => assert.assertMatch("abc", /x/),
    ],
    [
      "assertNotMatch",
      () => assert.assertNotMatch("abc", /x/),
      () => assert.assertNotMatch("abc", /b/),
    ],
    [
      "assertStringIncludes",
      () => assert.assertStringIncludes("abc", "b"),
      () => assert.assertStringIncludes("abc", "x"),
    ],
    [
      "assertArrayIncludes",
      () => assert.assertArrayIncludes([{ a: 1 }, { a: 2 }], [{ a: 2 }]),
      () => assert.assertArrayIncludes([1, 2], [2, 3]),
    ],
    [
      "assertInstanceOf",
      () => assert.assertInstanceOf(new TypeError(), Error),
      () => assert.assertInstanceOf({}, Error),
    ],
    [
      "assertNotInstanceOf",
      () => assert.assertNotInstanceOf({}, Error),
      () => assert.assertNotInstanceOf(new TypeError(), Error),
    ],
    [
      "assertObjectMatch",
      () =>
        assert.assertObjectMatch(
          { a: { b: 1, c: 2 }, d: [1, { e: 3, f: 4 }] },
          {
            a: { b: 1 },
            d: [1, { e: 3 }],
          },
        ),
      () => assert.assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } }),
    ],
    [
      "assertObjectMatch misses a property",
      () => assert.assertObjectMatch({ a: 1, b: 2 }, { a: 1 }),
      () => assert.assertObjectMatch({ a: 1 }, { a: 1, b: 2 }),
    ],
    [
      "assertGreater",
      () => assert.assertGreater(2, 1),
      () => assert.assertGreater(1, 1),
    ],
    [
      "assertGreaterOrEqual",
      () => assert.assertGreaterOrEqual(1, 1),
      () => assert.assertGreaterOrEqual(0, 1),
    ],
    [
      "assertLess",
      () => assert.assertLess(1, 2),
      () => assert.assertLess(1, 1),
    ],
    [
      "assertLessOrEqual",
      () => assert.assertLessOrEqual(1, 1),
      () => assert.assertLessOrEqual(2, 1),
    ],
    [
      "assertAlmostEquals",
      () => assert.assertAlmostEquals(1, 1.00000001),
      () => assert.assertAlmostEquals(1, 1.1),
    ],
    [
      "assertIsError",
      () => assert.assertIsError(new Error("abc"), Error, /b/),
      () => assert.assertIsError("abc"),
    ],
    [
      "assertThrows",
      () => assert.assertThrows(() => JSON.parse("{"), SyntaxError, "JSON"),
      () => assert.assertThrows(() => 1),
    ],
    ["fail", () => undefined, () => assert.fail("abc")],
    ["unreachable", () => undefined, () => assert.unreachable()],
  ];
  for (const [name, good, bad] of cases) {
    await t.step(name, () => {
      good();
      nodeAssert.throws(bad, assert.AssertionError);
    });
  }
});

Deno.test("assertThrows and assertRejects return the error and check its class and text", async () => {
  const error = new TypeError("the text");
  const throws = () => {
    throw error;
  };
  const rejects = () => Promise.reject(error);
  nodeAssert.equal(assert.assertThrows(throws, TypeError, "text"), error);
  nodeAssert.equal(
    await assert.assertRejects(rejects, TypeError, "text"),
    error,
  );
  nodeAssert.equal(await assert.assertRejects(rejects), error);
  nodeAssert.equal(
    await assert.assertRejects(() => Promise.reject("not an error")),
    "not an error",
  );

  nodeAssert.throws(
    () => assert.assertThrows(throws, RangeError),
    assert.AssertionError,
  );
  for (
    const bad of [
      () => assert.assertRejects(rejects, RangeError),
      () => assert.assertRejects(rejects, TypeError, "other"),
      () => assert.assertRejects(() => Promise.resolve(1)),
      () => assert.assertRejects(throws, TypeError),
    ]
  ) {
    await nodeAssert.rejects(bad, assert.AssertionError);
  }
});

Deno.test("a failed assertEquals names both values and the caller's message", () => {
  nodeAssert.throws(
    () => assert.assertEquals(["one"], ["other"], "why it matters"),
    (error) => {
      nodeAssert.ok(error instanceof assert.AssertionError);
      for (const text of [/why it matters/, /one/, /other/]) {
        nodeAssert.match(
          error.message,
          text,
        );
      }
      return true;
    },
  );
});

Deno.test("v7 ids are valid, differ, sort by time and give their time back", () => {
  const time = Date.UTC(2026, 0, 1);
  const [first, same] = [uuid.v7.generate(time), uuid.v7.generate(time)];
  const later = uuid.v7.generate(time + 1);
  nodeAssert.ok(uuid.v7.validate(first) && uuid.validate(first));
  nodeAssert.notEqual(first, same);
  nodeAssert.ok(first < later && same < later);
  nodeAssert.deepEqual(uuid.v7.extractTimestamp(first), time);
  nodeAssert.deepEqual(uuid.version(first), 7);
  nodeAssert.ok(
    Math.abs(uuid.v7.extractTimestamp(uuid.v7.generate()) - Date.now()) <
      60_000,
  );
  nodeAssert.throws(() => uuid.v7.generate(-1), RangeError);
  nodeAssert.throws(
    () => uuid.v7.extractTimestamp(crypto.randomUUID()),
    TypeError,
  );
});

Deno.test("other ids are distinguished", async () => {
  const random = crypto.randomUUID();
  nodeAssert.ok(uuid.v4.validate(random) && !uuid.v7.validate(random));
  nodeAssert.ok(uuid.validate(uuid.NIL_UUID) && uuid.isNil(uuid.NIL_UUID));
  nodeAssert.ok(!uuid.validate("ffffffff-ffff-ffff-ffff-ffffffffffff"));
  nodeAssert.ok(!uuid.validate("text"));
  nodeAssert.throws(() => uuid.version("text"), TypeError);
  const named = await uuid.v5.generate(
    uuid.NAMESPACE_URL,
    new TextEncoder().encode("python.org"),
  );
  nodeAssert.deepEqual(named, "7af94e2b-4dd9-50f0-9c9a-8a48519bdef0");
  nodeAssert.ok(uuid.v5.validate(named));
  await nodeAssert.rejects(
    () => uuid.v5.generate("text", new Uint8Array()),
    TypeError,
  );
});
