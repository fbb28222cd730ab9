/**
 * Stand-in for `jsr:@std/assert@1.0.19` where jsr.io is out of reach: the same signatures for
 * the assertions a test commonly uses, over `node:assert`.
 *
 * Equality is Node's strict deep equality. It is stricter than the real package in one point:
 * an object without a prototype differs from a plain one.
 *
 * Everything is a constant with a written type, because Deno checks a package of a registry
 * with the bodies of its functions removed; parameters would count as unused there.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";

/** Thrown by a failed assertion. */
export class AssertionError extends Error {
  /** Always "AssertionError". */
  override name = "AssertionError";
}

/** Values that count as false. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** An array, or what is used like one. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

// deno-lint-ignore no-explicit-any
type ClassOf<T> = abstract new (...args: any[]) => T;
// deno-lint-ignore no-explicit-any
type AnyObject = Record<PropertyKey, any>;

type Assert = (expr: unknown, msg?: string) => asserts expr;
type AssertFalse = (expr: unknown, msg?: string) => asserts expr is Falsy;
type Compare = <T>(actual: T, expected: T, msg?: string) => void;
type AssertSame = <T>(
  actual: unknown,
  expected: T,
  msg?: string,
) => asserts actual is T;
type AssertExists = <T>(
  actual: T,
  msg?: string,
) => asserts actual is NonNullable<T>;
type AssertText = (actual: string, expected: string, msg?: string) => void;
type AssertPattern = (actual: string, expected: RegExp, msg?: string) => void;
type AssertInstance = <T extends ClassOf<unknown>>(
  actual: unknown,
  expectedType: T,
  msg?: string,
) => asserts actual is InstanceType<T>;
type AssertNotInstance = <A, T>(
  actual: A,
  unexpectedType: ClassOf<T>,
  msg?: string,
) => asserts actual is Exclude<A, T>;
type AssertIsError = <E extends Error = Error>(
  error: unknown,
  ErrorClass?: ClassOf<E>,
  msgMatches?: string | RegExp,
  msg?: string,
) => asserts error is E;

interface AssertThrows {
  (fn: () => unknown, msg?: string): unknown;
  <E extends Error = Error>(
    fn: () => unknown,
    ErrorClass: ClassOf<E>,
    msgIncludes?: string,
    msg?: string,
  ): E;
}

interface AssertRejects {
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  <E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    ErrorClass: ClassOf<E>,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
}

function expect(met: boolean, expectation: string, msg?: string): asserts met {
  if (!met) {
    throw new AssertionError(
      msg ? `${expectation}: ${msg}` : `${expectation}.`,
    );
  }
}

function show(value: unknown): string {
  return inspect(value, { depth: 10, breakLength: 100 });
}

/** Fails. */
export const fail: (msg?: string) => never = (msg) => {
  throw new AssertionError(`Failed assertion${msg ? `: ${msg}` : "."}`);
};

/** Fails, for a place that must not be reached. */
export const unreachable: (msg?: string) => never = (msg) => {
  throw new AssertionError(`Unreachable${msg ? `: ${msg}` : "."}`);
};

/** The value must be true or count as true. */
export const assert: Assert = (expr: unknown, msg = ""): asserts expr => {
  if (!expr) throw new AssertionError(msg);
};

/** The value must be false or count as false. */
export const assertFalse: AssertFalse = ((expr: unknown, msg = "") => {
  if (expr) throw new AssertionError(msg);
}) as AssertFalse;

/** True if both values are deeply equal. */
export const equal: (a: unknown, b: unknown) => boolean = isDeepStrictEqual;

/** Both values must be deeply equal. */
export const assertEquals: Compare = (actual, expected, msg) => {
  try {
    nodeAssert.deepStrictEqual(actual, expected);
  } catch (error) {
    if (!(error instanceof nodeAssert.AssertionError)) throw error;
    throw new AssertionError(
      `Values are not equal${msg ? `: ${msg}` : "."}\n${error.message}`,
    );
  }
};

/** The values must not be deeply equal. */
export const assertNotEquals: Compare = (actual, expected, msg) =>
  expect(
    !equal(actual, expected),
    `Expected actual: ${show(actual)} not to be equal`,
    msg,
  );

/** Both must be the same value, as `Object.is` tells. */
export const assertStrictEquals: AssertSame =
  ((actual: unknown, expected: unknown, msg?: string) =>
    expect(
      Object.is(actual, expected),
      `Values are not strictly equal: ${show(actual)} and ${show(expected)}`,
      msg,
    )) as AssertSame;

/** They must not be the same value, as `Object.is` tells. */
export const assertNotStrictEquals: Compare = (actual, expected, msg) =>
  expect(
    !Object.is(actual, expected),
    `Values are strictly equal: ${show(actual)}`,
    msg,
  );

/** The value must be neither null nor undefined. */
export const assertExists: AssertExists = ((actual: unknown, msg?: string) =>
  expect(
    actual !== undefined && actual !== null,
    `Expected actual: ${show(actual)} to not be null or undefined`,
    msg,
  )) as AssertExists;

/** The string must match. */
export const assertMatch: AssertPattern = (actual, expected, msg) =>
  expect(
    expected.test(actual),
    `Expected actual: ${show(actual)} to match: ${expected}`,
    msg,
  );

/** The string must not match. */
export const assertNotMatch: AssertPattern = (actual, expected, msg) =>
  expect(
    !expected.test(actual),
    `Expected actual: ${show(actual)} to not match: ${expected}`,
    msg,
  );

/** The string must contain the other. */
export const assertStringIncludes: AssertText = (actual, expected, msg) =>
  expect(
    actual.includes(expected),
    `Expected actual: ${show(actual)} to contain: ${show(expected)}`,
    msg,
  );

/** The array must contain every element of the other. */
export const assertArrayIncludes: <T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
) => void = (actual, expected, msg) => {
  const present = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) =>
    !present.some((value) => equal(value, wanted))
  );
  expect(
    missing.length === 0,
    `Expected actual: ${show(actual)} to include: ${show(expected)}; missing: ${show(missing)}`,
    msg,
  );
};

/** The value must be an instance of the class. */
export const assertInstanceOf: AssertInstance =
  ((actual: unknown, expectedType: ClassOf<unknown>, msg?: string) =>
    expect(
      actual instanceof expectedType,
      `Expected object to be an instance of "${expectedType.name}" but was ${show(actual)}`,
      msg,
    )) as AssertInstance;

/** The value must not be an instance of the class. */
export const assertNotInstanceOf: AssertNotInstance =
  ((actual: unknown, unexpectedType: ClassOf<unknown>, msg?: string) =>
    expect(
      !(actual instanceof unexpectedType),
      `Expected object to not be an instance of "${unexpectedType.name}"`,
      msg,
    )) as AssertNotInstance;

/** The part of `actual` that `expected` speaks of, so that the two can be compared. */
function part(actual: unknown, expected: unknown): unknown {
  if (!isContainer(actual) || !isContainer(expected)) return actual;
  if (actual instanceof Map && expected instanceof Map) {
    const shared = [...actual].filter(([key]) => expected.has(key));
    return new Map(
      shared.map(([key, value]) => [key, part(value, expected.get(key))]),
    );
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.slice(0, expected.length).map((value, index) => part(value, expected[index]));
  }
  const [from, by]: [AnyObject, AnyObject] = [actual, expected];
  const shared = Reflect.ownKeys(by).filter((key) => key in from);
  return Object.fromEntries(
    shared.map((key) => [key, part(from[key], by[key])]),
  );
}

function isContainer(value: unknown): value is AnyObject {
  return typeof value === "object" && value !== null &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Date || value instanceof RegExp || value instanceof Set);
}

/** The object must hold what the other one holds, and may hold more. */
export const assertObjectMatch: (
  actual: AnyObject,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
) => void = (actual, expected, msg) =>
  assertEquals(part(actual, expected), part(expected, expected), msg);

/** The value must be greater. */
export const assertGreater: Compare = (actual, expected, msg) =>
  expect(actual > expected, `Expect ${show(actual)} > ${show(expected)}`, msg);

/** The value must be greater or equal. */
export const assertGreaterOrEqual: Compare = (actual, expected, msg) =>
  expect(
    actual >= expected,
    `Expect ${show(actual)} >= ${show(expected)}`,
    msg,
  );

/** The value must be less. */
export const assertLess: Compare = (actual, expected, msg) =>
  expect(actual < expected, `Expect ${show(actual)} < ${show(expected)}`, msg);

/** The value must be less or equal. */
export const assertLessOrEqual: Compare = (actual, expected, msg) =>
  expect(
    actual <= expected,
    `Expect ${show(actual)} <= ${show(expected)}`,
    msg,
  );

/** The numbers must differ by no more than the tolerance; by default a ten-millionth of them. */
export const assertAlmostEquals: (
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
) => void = (actual, expected, tolerance, msg) => {
  const allowed = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 0);
  expect(
    Object.is(actual, expected) || Math.abs(expected - actual) <= allowed,
    `Expected actual: ${actual} to be close to ${expected} (tolerance ${allowed})`,
    msg,
  );
};

/** The value must be an error, of this class and with this text in its message if given. */
export const assertIsError: AssertIsError = ((
  error: unknown,
  ErrorClass?: ClassOf<unknown>,
  msgMatches: string | RegExp = "",
  msg?: string,
) => {
  expect(error instanceof Error, `Expected "error" to be an Error object`, msg);
  expect(
    !ErrorClass || error instanceof ErrorClass,
    `Expected error to be instance of "${ErrorClass?.name}", but was "${error.constructor.name}"`,
    msg,
  );
  expect(
    msgMatches instanceof RegExp
      ? msgMatches.test(error.message)
      : error.message.includes(msgMatches),
    `Expected error message to include ${show(msgMatches)}, but got ${show(error.message)}`,
    msg,
  );
}) as AssertIsError;

/** The function must throw; returns the error, which must be of this class if one is given. */
export const assertThrows: AssertThrows = <E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: ClassOf<E> | string,
  msgIncludes?: string,
  msg?: string,
): E => {
  try {
    fn();
  } catch (error) {
    if (typeof classOrMsg === "function") {
      assertIsError(error, classOrMsg, msgIncludes, msg);
    }
    return error as E;
  }
  const text = typeof classOrMsg === "string" ? classOrMsg : msg;
  throw new AssertionError(
    `Expected function to throw${text ? `: ${text}` : "."}`,
  );
};

/** The promise must reject; resolves with the error, of this class if one is given. */
export const assertRejects: AssertRejects = async <E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ClassOf<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<E> => {
  const text = typeof classOrMsg === "string" ? classOrMsg : msg;
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
    await promise;
  } catch (error) {
    // A function that throws at once has broken its promise to return one.
    expect(
      promise !== undefined,
      "Function throws when expected to reject",
      text,
    );
    if (typeof classOrMsg === "function") {
      assertIsError(error, classOrMsg, msgIncludes, msg);
    }
    return error as E;
  }
  throw new AssertionError(
    `Expected function to reject${text ? `: ${text}` : "."}`,
  );
};
