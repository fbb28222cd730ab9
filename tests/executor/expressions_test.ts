// The two ways to evaluate an expression give the same; the first takes only what needs the language.
import { assertEquals, assertThrows } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { Expressions } from "../../src/executor/expressions.ts";
import { createEvaluate } from "../../src/executor/inside/evaluate.ts";
import { Pool } from "../../src/executor/pool.ts";
import { ProcessSandbox } from "../../src/executor/process_sandbox.ts";
import type { Outcome, Payload } from "../../src/wire/outcome.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { job, never, resultOf } from "./jobs.ts";
import { WatchedExecutor } from "./watched_executor.ts";

async function pool(realms: boolean): Promise<WatchedExecutor> {
  const command = await childCommand({ permissions: {}, memoryMb: 96 });
  const boot = { resultBytes: 10_000, realms };
  const logger = new RecordingLogger();
  return new WatchedExecutor(
    await Pool.start({
      start: (signal) => ProcessSandbox.start({ command, boot, memoryMb: 96, logger, signal }),
      size: 1,
      runsPerSandbox: realms ? Infinity : 1,
      logger,
    }),
  );
}

/** An outcome without its stack, which names the files around the expression. */
function comparable(outcome: Outcome): unknown {
  if (outcome.ok) return [outcome.output.contentType, resultOf(outcome)];
  const { stack, ...failure } = outcome.failure;
  return { ...failure, stack: stack?.split("\n", 1)[0] };
}

/** Evaluated in a realm: these name the language and nothing else. */
const LANGUAGE = [
  "1 + 1",
  "({ a: [1, { b: null }], name: 'c', URL: 1 }).name",
  "undefined",
  "NaN",
  "-0",
  "10n",
  "Symbol()",
  "new Map([[1, 2]])",
  "[1, undefined]",
  "[1, , 2]",
  "new Date(0)",
  "new Date(NaN)",
  "({ at: new Date(0), f: undefined })",
  "({ bytes: new Uint8Array(2) })",
  "new Uint8Array([1, 0, 255])",
  "new Uint8Array([1, 2]).buffer",
  "new Uint16Array([1, 2])",
  "'é 😀 \\ud800'",
  "const a = {}; a.a = a; a",
  "null.x",
  "nothing",
  "1 +",
  "return 1",
  "throw 'text'",
  "throw null",
  "throw new RangeError('x'.repeat(9_000))",
  "throw Object.assign(new Error('no'), { name: 'RpcError', code: 'aborted', details: { a: 1 } })",
  "throw Object.assign(new Error('no'), { name: 'RpcError', code: 'aborted', details: 1n })",
  "class Own extends Error { name = 'Own' }; throw new Own('own')",
  "throw new Proxy({}, { get() { throw 1 } })",
  "(function deep() { deep() })()",
  "await Promise.resolve([1])",
  "await 1 // and a comment",
  "const a = await 1; a + 1",
  "Promise.reject(new TypeError('no'))",
  "Promise.reject(1).catch((e) => e + 1)",
  "(async () => { let n = 0; while (n < 5_000) { await 0; n++ } return n })()",
  "({ then(give) { give(7) } })",
  "Promise.reject(1); 2",
  "[...'abc'].map((c, i) => c + i).toReversed()",
  "Object.groupBy([1, 2, 3], (n) => n % 2 ? 'odd' : 'even')",
  "new Intl.NumberFormat('de').format(1234.5)",
  "Temporal.PlainDate.from('2024-02-29').add({ years: 1 }).toString()",
  "'fetch and setTimeout' + \"URL\"",
  "'x'.repeat(9_998)",
  "'é'.repeat(5_000)",
  "'x'.repeat(20_000)",
  "JSON.stringify = () => 'hacked'; String = 1; [1, 2]",
  "new (class A {})().constructor.name",
  "let name = 'not that of the worker'; name",
  "typeof window",
  "class A { constructor(b) { A.b = b } }; new A(1); A.b",
  "throw new Error('no')",
  "",
];

/** The global object, got hold of without a word that is looked for. */
const GLOBAL = `Object.defineProperty(Object.prototype, "found",
  { get: Object.getOwnPropertyDescriptor(Array, Symbol.species).get });`;

/** Evaluated in a child of its own. */
const MORE = [
  "await new Promise((resolve) => setTimeout(() => resolve(5), 1))",
  "typeof fetch + typeof Deno + typeof URL",
  "typeof setTimeou\\u0074",
  "'fetch' in globalThis",
  "new URL('http://a.example/b').host",
  "structuredClone({ a: 1 })",
  "new TextEncoder().encode('é').length",
  "(await import('node:path')).basename('/a/b')",
  "eval('1 + 1')",
  "Function('return typeof fetch')()",
  "[]['at']['construc' + 'tor']('return typeof fetch')()",
  "(function () { return typeof this.fetch })()",
  "(() => {}).constructor.name",
  "new WebAssembly.Memory({ initial: 1 }).buffer.byteLength",
  "Atomics.add(new Int32Array(1), 0, 1)",
  "typeof Symbol.metadata",
  "let close = 'taken for the function of that name'; close",
  "class A { b = 1; get c() { return this.b } }; new A().c",
  "Error.prepareStackTrace = () => 'own'; new Error().stack",
  "queueMicrotask(() => {}); 1",
  "typeof name",
  "constructor.name",
  "con\\u0073tructor.name",
  "typeof __proto__",
  "({}).__proto__ === Object.prototype",
  "const a = {}; a.__proto__ = { b: 1 }; [a.b, Object.keys(a)]",
  "Error = 5; Error",
  "'use strict'; [Error] = [5]; Error",
  "var Error = 5; Error",
  "delete Error",
  // Past the look at the text: the names of a string, and a quote that begins none.
  "[...eval.name].join('')",
  "[...Function.name].join('')",
  "[...fetch.name].join('')",
  "[...close.name].join('')",
  "/\"/; eval('typeof fetch'); /\"/.source",
  "/'/; Function('return 1')(); /'/.source",
  "/'/; typeof fetch; /'/.source",
  "/'/; fetch = 1; /'/.source",
  "/'/; ({ fetch } = { fetch: 1 }); /'/.source",
  "/'/; var self = 5; typeof self; /'/.source",
  "/'/; typeof f\\u0065tch; /'/.source",
  "/'/; ev\\u{61}l('1'); /'/.source",
  "/'/; typeof globalThis; /'/.source",
  "/'/; typeof WebAssembly; /'/.source",
  "/'/; typeof Atomics; /'/.source",
  "/'/; typeof FinalizationRegistry; /'/.source",
  "/'/; typeof console; /'/.source",
  "/'/; typeof queueMicrotask; /'/.source",
  "`${fetch.name}`",
  `${GLOBAL} found['ev' + 'al']('typeof fetch')`,
  `${GLOBAL} found['Func' + 'tion']('return typeof fetch')()`,
  `${GLOBAL} typeof found['Web' + 'Assembly'] + typeof found['Ato' + 'mics']`,
  "/'/; with ({}) fetch; /'/.source",
  "/'/; class A extends URL {} /'/.source",
  "delete /**/ Error",
  "function /**/ Error() { return 5 } Error()",
  "function\n// x\nError() { return 5 } Error()",
  "function Error() { return 5 } Error()",
  "function* \\u0045rror() {} typeof Error()",
  "Error['prepare' + 'StackTrace'] = () => 'own'; new Error().stack",
  "'use strict'; Object.assign(Error, { ['prepare' + 'StackTrace']: 1 }); 1",
];

Deno.test("an expression gives the same in a realm and in a child of its own", async (t) => {
  await using realms = await pool(true);
  await using processes = await pool(false);
  const expressions = new Expressions(realms, processes);
  const rows = [
    ...LANGUAGE.map((code) => ({ code, resultAs: "value" as const })),
    ...LANGUAGE.slice(0, 20).map((code) => ({ code, resultAs: "text" as const })),
  ];
  for (const { code, resultAs } of rows) {
    // Children are replaced across steps: only the whole test must leave nothing.
    await t.step({
      name: `as ${resultAs}: ${JSON.stringify(code)}`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        const before = processes.runs;
        const got = await expressions.run(job("eval", code, resultAs), never);
        const inChild = processes.runs - before;
        const wanted = await processes.run(job("eval", code, resultAs), never);
        assertEquals(comparable(got), comparable(wanted));
        assertEquals(inChild, 0, "runs in a child of its own");
      },
    });
  }
});

Deno.test("an expression that may need more than the language gives what a child of its own does", async (t) => {
  await using realms = await pool(true);
  const answer: Outcome = { ok: true, output: { bytes: new Uint8Array(1), contentType: "a/b" } };
  const child = {
    commands: realms.commands,
    run: () => Promise.resolve(answer),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const expressions = new Expressions(realms, child);
  for (const resultAs of ["value", "text"] as const) {
    for (const code of MORE) {
      await t.step(`as ${resultAs}: ${JSON.stringify(code)}`, async () => {
        assertEquals(await expressions.run(job("eval", code, resultAs), never), answer);
      });
    }
  }
});

Deno.test("an input that is no expression is refused with realms as without", async () => {
  await using realms = await pool(true);
  await using processes = await pool(false);
  const expressions = new Expressions(realms, processes);
  const given = [];
  for (const input of [5, null, undefined, { code: "1" }, new Uint8Array([0xff])]) {
    given.push(resultOf(await expressions.run(job("eval", input), never)));
  }
  assertEquals(
    given.map((text) => String(text).split(":", 1)[0]),
    Array(5).fill("invalid_argument"),
  );
});

Deno.test("one child evaluates many expressions, and nothing of one is there for the next", async () => {
  await using realms = await pool(true);
  await using processes = await pool(false);
  const expressions = new Expressions(realms, processes);
  const results = [];
  for (let i = 0; i < 20; i++) {
    const code =
      "var left = typeof seen; seen = 1; Object.prototype.more = 1; left + typeof {}.other";
    results.push(resultOf(await expressions.run(job("eval", code), never)));
  }
  assertEquals([new Set(results), processes.runs], [new Set(["undefinedundefined"]), 0]);
});

Deno.test("several statements with await are told how an expression writes them", () => {
  const evaluate = createEvaluate();
  const advice = "Write several statements as `(async () => { …; return value; })()`.";
  assertThrows(() => evaluate("const a = await 1; a"), SyntaxError, advice);
});

Deno.test("a variable called await is one", () => {
  assertEquals(createEvaluate()("{ let await = 1; await }"), 1);
});

Deno.test("an expression gives the values of a stream to a caller that takes them", async () => {
  await using realms = await pool(true);
  await using processes = await pool(false);
  const values: unknown[] = [];
  const stream = {
    emit(output: Payload) {
      values.push(resultOf({ ok: true, output }));
      return undefined;
    },
    credit: { seq: 100, bytes: 1_000 },
    watch() {},
  };
  const expression = job("eval", "(async function* () { yield 1; yield 2 })()");
  await new Expressions(realms, processes).run({ ...expression, stream }, never);
  assertEquals(values, [1, 2]);
});
