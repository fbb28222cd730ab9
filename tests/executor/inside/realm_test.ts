// Escapes that were published, each in a bare realm of this process: whatever one gets hold of
// outside its realm sets a mark here.
import { assert, assertEquals } from "@std/assert";
import { constants, createContext, Script } from "node:vm";
import {
  REALM_RESULT,
  type RealmSettings,
  type RealmStep,
} from "../../../src/executor/inside/realm.ts";
import { realmSource } from "../../../src/executor/inside/realm_source.ts";

const settings: RealmSettings = {
  resultBytes: 10_000,
  codes: [],
  evalCommand: "eval",
  // As few as possible: what keeps the others in must hold without these too.
  withheld: ["WebAssembly", "Atomics", "FinalizationRegistry", "eval", "Function", "globalThis"],
  kinds: REALM_RESULT,
};
const prepared = new Script(`${realmSource()}(${JSON.stringify(settings)})`);
const nothing = new Script("0");
const newGlobal = () =>
  createContext(constants.DONT_CONTEXTIFY, { microtaskMode: "afterEvaluate" });

/** What a realm gives, once nothing of its expression is left to run. */
function evaluated(
  code: string,
  { resultAs = "value", global = newGlobal() }: { resultAs?: "value" | "text"; global?: object } =
    {},
): string {
  const step = prepared.runInContext(global) as RealmStep;
  step(code, resultAs);
  nothing.runInContext(global);
  return step();
}

const marks = globalThis as unknown as { escaped?: string };

/** Marks the realm that an object comes from, unless that is the expression's own. */
const MARK = `const mark = (found) => {
  for (const at of [found, found?.constructor, Object.getPrototypeOf(found ?? 0)]) {
    try { at.constructor.constructor("globalThis.escaped = 'out'")(); } catch {}
    try { at.constructor("globalThis.escaped = 'out'")(); } catch {}
  }
};`;

const hostStack =
  "Error.prepareStackTrace = (_, sites) => { for (const at of [sites, ...sites]) { " +
  "mark(at); mark(at.getThis?.()); mark(at.getFunction?.()); } }; new Error().stack;";

const ESCAPES: readonly [name: string, code: string][] = [
  ["Deno #30351: the call sites of prepareStackTrace", hostStack],
  [
    "Deno #30351 by another Error",
    "Error = { prepareStackTrace: (_, sites) => sites.forEach(mark) }; new TypeError().stack",
  ],
  [
    "Deno #30351 by a definition",
    `try { Object.defineProperty(Error, "prepareStackTrace", { value: (_, s) => s.forEach(mark) });
    } catch {} new Error().stack`,
  ],
  [
    "Deno #33385: import() in code made of text",
    `const run = (() => {}).constructor; try { run("p", "return import(p)")("node:fs").then(mark, mark);
    } catch (error) { mark(error); }`,
  ],
  ["Deno #33385: import()", `import("node:fs").then(mark, mark)`],
  ["the constructor of the global", "mark(this); mark(this.constructor)"],
  [
    "CVE-2026-22709: what an async function rejects with",
    `(async () => { const e = new Error(); e.name = Symbol(); return e.stack; })().catch(mark)`,
  ],
  [
    "the error of a stack whose name is a symbol",
    "const e = new Error(); e.name = Symbol(); try { e.stack } catch (error) { mark(error) }",
  ],
  [
    "CVE-2026-44000: what a host's promise gives to then",
    "Promise.prototype.then = function (...all) { all.forEach(mark); mark(this); }; (async () => 1)()",
  ],
  [
    "CVE-2026-44008: a getter on the prototype of arrays",
    `for (const key of [0, 1, "length", "get", "value"]) try { Object.defineProperty(
      Array.prototype, key, { get() { mark(this) }, set(v) { mark(this); mark(v) } }) } catch {}
    [].concat([1]).map((x) => x)`,
  ],
  [
    "the same on the prototype of objects",
    `for (const key of ["get", "set", "value", "then", "code", "toJSON", "stack"])
      Object.defineProperty(Object.prototype, key, { configurable: true,
        get() { mark(this); return undefined }, set(v) { mark(v) } }); ({ a: 1 })`,
  ],
  [
    "the species of arrays and promises",
    `Object.defineProperty(Promise, Symbol.species, { get() { return function (executor) {
      executor((v) => mark(v), (v) => mark(v)); return { then: mark } } } });
    Object.defineProperty(Array, Symbol.species, { value: function (n) { mark(new.target) } });
    [1].map(mark); Promise.reject(1).finally(mark).then(mark, mark)`,
  ],
  [
    "CVE-2026-45411: yield* in an async generator that is closed",
    `const gen = (async function* () { try { yield* { [Symbol.asyncIterator]: () => ({
      next: () => ({ value: 1 }), return: (v) => ({ then(a, b) { mark(a); mark(b);
        (function deep() { deep() })() } }) }) } } catch (error) { mark(error) } })();
    gen.next().then(() => gen.return(1)).catch(mark)`,
  ],
  [
    "CVE-2026-47210: promises of WebAssembly",
    "for (const name of ['promising', 'Suspending', 'compileStreaming']) mark(WebAssembly?.[name])",
  ],
  [
    "SuppressedError of a disposal that throws",
    `try { using a = { [Symbol.dispose]() { (function deep() { deep() })() } };
      const e = new Error(); e.name = Symbol(); e.stack; null.x } catch (e) {
      mark(e); mark(e.error); mark(e.suppressed) }`,
  ],
  [
    "AggregateError of a realm",
    "Promise.any([Promise.reject(new Error())]).catch((e) => { mark(e); e.errors.forEach(mark) })",
  ],
  [
    "what inspects errors",
    `const seen = { [Symbol.for("nodejs.util.inspect.custom")]: (...all) => all.forEach(mark),
      [Symbol.for("Deno.customInspect")]: (...all) => all.forEach(mark), toString() { mark(this) } };
    Promise.reject(seen); Promise.reject(new Proxy(seen, {})); throw seen`,
  ],
  [
    "__lookupGetter__ of the stack",
    `const e = new Error(); for (const key of Reflect.ownKeys(e)) { mark(e.__lookupGetter__?.(key));
      const d = Object.getOwnPropertyDescriptor(e, key); mark(d.get); mark(d.set) }`,
  ],
  [
    "a stack that is full where the host is called",
    `function deep() { try { deep() } catch (e) { mark(e); try { const f = new Error(); f.stack;
      mark(f); Error.captureStackTrace(f); f.stack } catch (g) { mark(g) } } } deep()`,
  ],
  [
    "a stack that is full where Deno asks for prepareStackTrace",
    `function deep(more) { try { deep(more) } catch (e) { for (const Kind of [RangeError, Error]) {
      try { mark(new Kind().stack); more.length && more.pop()() } catch (f) { mark(f); } } } }
    for (let n = 0; n < 20; n++) deep(Array(n).fill(() => mark(new Error().stack)))`,
  ],
  [
    "getPrototypeOf of a Proxy that throws while it is described",
    `throw new Proxy({}, { get: (target) => { mark(target); null.x },
      getPrototypeOf() { (function deep() { deep() })() } })`,
  ],
  [
    "the callers of what serialises the result",
    `({ toJSON() { for (let at = this.toJSON.caller, n = 0; at && n < 9; at = at.caller, n++) mark(at);
      mark(arguments.callee?.caller); return 1 } })`,
  ],
  [
    "Reflect.construct with another new.target",
    "mark(Reflect.construct(Error, [], (() => {}).constructor ?? Object))",
  ],
  [
    "collected objects",
    "mark(FinalizationRegistry); new FinalizationRegistry((held) => mark(held))",
  ],
  ["the console", "mark(console); mark(console.log); mark(queueMicrotask)"],
];

for (const [name, code] of ESCAPES) {
  Deno.test(`a realm is not left by ${name}`, async () => {
    // As in the worker: nothing may look at what an expression rejected with.
    const ignore = (event: Event) => event.preventDefault();
    addEventListener("unhandledrejection", ignore);
    delete marks.escaped;
    const given = evaluated(`${MARK} ${code}`);
    evaluated(`${MARK} ${code}`, { resultAs: "text" });
    await new Promise((resolve) => setImmediate(resolve)); // what it rejected with is reported then
    removeEventListener("unhandledrejection", ignore);
    assertEquals([marks.escaped, given.includes("SyntaxError")], [undefined, false], given);
  });
}

Deno.test("all that an expression left to run has run when its realm gives the outcome", () => {
  const global = newGlobal();
  evaluated("var turns = 0; (async () => { while (turns < 1_000) { await 0; turns++ } })(); 1", {
    global,
  });
  assertEquals(new Script("turns").runInContext(global), 1_000);
});

Deno.test("without its preparation a realm is left by the first of them", () => {
  delete marks.escaped;
  new Script(`${MARK} ${hostStack}`).runInContext(newGlobal());
  assertEquals(marks.escaped, "out");
  delete marks.escaped;
});

Deno.test("what a realm gives is text, whatever the expression made of its globals", () => {
  const hostile = `String.prototype.concat = Array.prototype.join = () => ({});
    JSON.stringify = Reflect.apply = Object.prototype.toString = () => ({});
    Object.prototype.toJSON = () => ({}); Symbol.toPrimitive; ({ a: 1 })`;
  assertEquals(typeof evaluated(hostile), "string");
});

Deno.test("a realm finds nothing of what an earlier one left on its prototypes", () => {
  evaluated("Object.prototype.left = Array.prototype.left = Error.left = 1");
  assertEquals(
    evaluated("[typeof {}.left, typeof [].left, typeof Error.left].join()"),
    'j"undefined,undefined,undefined"',
  );
});

const DECLINED = [
  ["a global that it has not", "typeof WebAssembly"],
  ["a global by its name in two parts", "Reflect.get(globalThis, 'Web' + 'Assembly')"],
  ["eval", "eval('1')"],
  ["Function", "Function('return 1')()"],
  ["the constructor of a function", "(() => {}).constructor.name"],
  ["the constructor of a generator", "(function* () {}).constructor"],
  ["Symbol.metadata", "Symbol.metadata"],
  ["a global that is assigned", "Atomics = 1"],
] as const;
for (const [name, code] of DECLINED) {
  Deno.test(`a realm declines ${name}`, () => {
    assertEquals(evaluated(code), "declined");
  });
}

Deno.test("what runs after a realm's declining does not take that back", () => {
  const code = "try { Function('1') } catch {} (async () => { await 0; return 1 })()";
  assertEquals(evaluated(code), "declined");
});

Deno.test("no text in a realm makes code any more", () => {
  const ways = "[(() => {}), (async () => {}), (function* () {}), (async function* () {})]";
  const found = evaluated(
    `${ways}.map((f) => { try { return typeof Object.getPrototypeOf(f).constructor } catch { return "" } })`,
  );
  assert(found === "declined");
});
