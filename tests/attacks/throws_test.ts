import { attacks } from "./arena.ts";

attacks("whatever is thrown arrives as an error", [
  { name: "null", code: "throw null", gets: /^unknown: null$/ },
  { name: "undefined", code: "throw undefined", gets: /^unknown: undefined$/ },
  { name: "a symbol", code: "throw Symbol('s')", gets: /^unknown: Symbol\(s\)$/ },
  {
    name: "a Proxy whose traps throw",
    code: "throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } })",
    gets: /^unknown: /,
  },
  {
    name: "an Error whose message throws",
    code: "throw Object.defineProperty(new Error(), 'message', { get() { throw 1; } })",
    gets: /^unknown: /,
  },
  {
    name: "an object whose toString throws",
    code: "throw { toString() { throw 1; } }",
    gets: /^unknown: /,
  },
  {
    name: "an Error whose message is a megabyte, cut",
    code: "throw new Error('m'.repeat(1e6))",
    gets: /^unknown: m{1000,8192}$/,
  },
  {
    name: "an error with a code that it may not choose",
    code: "throw Object.assign(new Error('x'), { name: 'RpcError', code: 'ok' })",
    gets: /^unknown: x$/,
  },
  {
    name: "an error with a code that it may choose",
    code: "throw Object.assign(new Error('x'), { name: 'RpcError', code: 'aborted' })",
    gets: /^aborted: x$/,
  },
]);

attacks("whatever is returned arrives as a value or an error", [
  { name: "a thenable is awaited", code: "({ then(f) { f(7); } })", gets: /^ok: 7$/ },
  {
    name: "a cyclic object",
    code: "const a = {}; a.a = a; a",
    gets: /^internal: .*circular/i,
  },
  { name: "a function", code: "() => {}", gets: /^internal: .*function/ },
  {
    name: "a getter that throws",
    code: "({ get a() { throw new Error('g'); } })",
    gets: /^internal: /,
  },
  {
    name: "a Proxy whose traps throw",
    code: "new Proxy({}, { ownKeys() { throw new Error('trap'); } })",
    gets: /^(internal|unknown): /,
  },
  { name: "NaN", code: "NaN", gets: /^internal: .*NaN/ },
]);

attacks("what one expression changes is not there for the next", [
  {
    name: "a polluted prototype",
    code: "Object.prototype.polluted = 1; 1",
    gets: /^ok: 1$/,
    next: ["({}).polluted", "ok: undefined"],
  },
  {
    name: "a global",
    code: "globalThis.leaked = 'secret'; var leaked2 = 2; 1",
    gets: /^ok: 1$/,
    next: ["typeof leaked + typeof leaked2", 'ok: "undefinedundefined"'],
  },
  {
    name: "replaced JSON, Promise and postMessage",
    code: `JSON.stringify = JSON.parse = () => 'forged'; Promise = undefined;
      Promise = null; postMessage = self.postMessage = () => {};
      Uint8Array.prototype.set = () => {}; TextEncoder.prototype.encode = () => {}; 1`,
    gets: /^(ok|unknown|deadline_exceeded|internal): /,
    timeoutMs: 1_000,
    next: ["JSON.stringify({ a: [1] })", 'ok: "{\\"a\\":[1]}"'],
  },
  {
    name: "a replaced Error.prepareStackTrace",
    code: "Error.prepareStackTrace = () => { while (true); }; throw new Error('p')",
    gets: /^(unknown|deadline_exceeded): /,
    timeoutMs: 1_000,
  },
  {
    name: "a broadcast",
    code: `const c = new BroadcastChannel('b'); c.postMessage('secret');
      setInterval(() => c.postMessage('secret'), 1); 1`,
    gets: /^ok: 1$/,
    next: [
      "await new Promise((f) => { const c = new BroadcastChannel('b'); c.onmessage = () => f('heard'); setTimeout(() => f('silence'), 50); })",
      'ok: "silence"',
    ],
  },
  {
    name: "storage that needs no permission",
    code: "[typeof caches, typeof localStorage, typeof sessionStorage, typeof Deno.openKv].join()",
    gets: /^ok: "undefined,undefined,undefined,undefined"$/,
  },
  {
    name: "storage of a worker of the worker, which writes to the disk without a permission",
    code: `await new Promise((resolve) => {
      const code = "caches.open('x').then((c) => c.put('http://a/b', new Response('secret')))" +
        ".then(() => postMessage('written'), (e) => postMessage('refused'))";
      const worker = new Worker("data:text/javascript," + encodeURIComponent(code), { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => { event.preventDefault(); resolve("refused"); };
    })`,
    gets: /^ok: "refused"$/,
  },
  {
    name: "an exit code",
    code: "Deno.exitCode = 7; 1",
    gets: /^ok: 1$/,
    next: ["Deno.exitCode", "ok: 0"],
  },
]);
