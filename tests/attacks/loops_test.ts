import { attacks } from "./arena.ts";
import { posted } from "./forging.ts";

const timeoutMs = 400;
const gets = /^deadline_exceeded: /;

attacks("code that never ends is ended at its deadline", [
  { name: "a loop at the top level of an expression", code: "while (true);", gets, timeoutMs },
  {
    name: "a loop in a function",
    code: "(function f() { for (;;); })()",
    gets,
    timeoutMs,
  },
  {
    name: "a loop in a getter of the result",
    code: "({ get a() { while (true); } })",
    gets,
    timeoutMs,
  },
  {
    name: "a loop in toJSON of the result",
    code: "({ toJSON() { while (true); } })",
    gets,
    timeoutMs,
  },
  {
    name: "a regular expression that backtracks for ever",
    code: "/^(a+)+$/.test('a'.repeat(50) + 'b')",
    gets,
    timeoutMs,
  },
  {
    name: "a loop of microtasks",
    code: "(function again() { queueMicrotask(again); })(); new Promise(() => {})",
    gets,
    timeoutMs,
  },
  {
    name: "a loop in WASM",
    // (module (func (export "f") (loop br 0)))
    code: `new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([
      0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11
    ]))).exports.f()`,
    gets,
    timeoutMs,
  },
  { name: "a promise that never settles", code: "new Promise(() => {})", gets, timeoutMs },
  {
    name: "a thenable whose then never calls back",
    code: "({ then() {} })",
    gets,
    timeoutMs,
  },
  {
    name: "a loop in a thenable",
    code: "({ then() { while (true); } })",
    gets,
    timeoutMs,
  },
  {
    name: "a wait that blocks the thread",
    code: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    gets,
    timeoutMs,
  },
  {
    name: "a worker of the worker that loops",
    code:
      `new Worker("data:text/javascript,while(true);", { type: "module" }); new Promise(() => {})`,
    gets,
    timeoutMs,
  },
  {
    name: "a read of standard input that blocks the thread",
    code: "Deno.stdin.readSync(new Uint8Array(1)); while (true);",
    gets,
    timeoutMs,
  },
]);

attacks("what is left running after the reply disturbs no other call", [
  {
    name: "a timer that loops",
    code: "setTimeout(() => { while (true); }, 0); 1",
    gets: /^ok: 1$/,
  },
  { name: "an interval", code: "setInterval(() => {}, 1); 2", gets: /^ok: 2$/ },
  {
    name: "a timer that reads what is meant for the next command",
    code: "setTimeout(() => Deno.stdin.readSync(new Uint8Array(1000)), 0); 3",
    gets: /^ok: 3$/,
  },
  {
    name: "a listener that loops when the next message comes",
    code: "addEventListener('message', () => { while (true); }); 4",
    gets: /^ok: 4$/,
  },
  {
    name: "a loop that waits for the collector",
    code: `const registry = new FinalizationRegistry(() => { while (true); });
      for (let i = 0; i < 10_000; i++) registry.register({}, i); 1`,
    gets: /^ok: 1$/,
  },
  {
    name: "a loop that waits for shared memory",
    code: `const shared = new Int32Array(new SharedArrayBuffer(4));
      Atomics.waitAsync(shared, 0, 0, 1).value.then(() => { while (true); }); 1`,
    gets: /^ok: 1$/,
  },
  {
    name: "an answer to the next call, made in advance",
    code: `setInterval(() => ${
      posted(`{ type: "done", run: 2, outcome: { ok: false, failure: {
      code: "aborted", name: "a", message: "forged" } } }`)
    }, 0); 1`,
    gets: /^ok: 1$/,
  },
  {
    name: "a promise that rejects later",
    code: "setTimeout(() => Promise.reject(new Error('late')), 0); 5",
    gets: /^ok: 5$/,
  },
]);
