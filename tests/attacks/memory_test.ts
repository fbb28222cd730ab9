import { assertMatch } from "@std/assert";
import { Arena, attacks } from "./arena.ts";
import { posted } from "./forging.ts";

const gets = /^resource_exhausted: .*(memory|MiB)/;

attacks("code that takes too much memory loses its child, and nobody else", [
  { name: "a heap bomb", code: "const a = []; while (true) a.push({ b: a.length })", gets },
  { name: "an array of a thousand million", code: "new Array(1e9).fill({})", gets },
  {
    name: "an ArrayBuffer bomb, which no heap limit sees",
    code: "const a = []; while (true) a.push(new Uint8Array(10_000_000).fill(1))",
    gets,
  },
  {
    name: "a WASM memory bomb, which no heap limit sees",
    code: `const memories = [];
      while (true) {
        const memory = new WebAssembly.Memory({ initial: 512 });
        new Uint8Array(memory.buffer).fill(1);
        memories.push(memory);
      }`,
    gets,
  },
  {
    name: "strings that double and are kept",
    code: "const a = []; let s = 'x'.repeat(1e6); while (true) a.push(s = [...s].join(''))",
    gets,
  },
  {
    name: "a bomb that goes off after a while",
    code: `new Promise(() => setTimeout(() => {
      const a = []; while (true) a.push(new Uint8Array(10_000_000).fill(1));
    }, 50))`,
    gets,
  },
  {
    name: "messages that keep the supervisor busy while they pile up",
    code: `while (true) ${
      posted('{ type: "ready", commands: ["eval"], policies: [] }', "new Uint8Array(80_000)")
    }`,
    gets: /^(unknown: .*said twice that it is ready|resource_exhausted: .*MiB)/,
  },
  {
    name: "a string that doubles is refused by the language itself",
    code: "let s = 'x'; while (true) s += s",
    gets: /^(unknown: RangeError|unknown: Invalid string length|resource_exhausted: )/,
  },
  {
    name: "deep recursion is refused by the language itself",
    code: "(function f() { return f() + 1; })()",
    gets: /^unknown: Maximum call stack size exceeded/,
  },
]);

Deno.test({
  name: "a command that takes every descriptor, so that nobody can look at its memory, ends",
  // Elsewhere the memory of a process is asked for without one.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using arena = await Arena.open({ size: 1 });
    // A pipe takes two: where one is left, because their number is odd or the supervisor just had
    // one in its hands, it goes on looking. One is given back each time, which makes that even.
    const got = await arena.run(`import("node:process").then(({ default: { binding } }) => {
      const { createPipe, Pipe } = binding("pipe_wrap");
      const taken = [];
      const takeAll = () => {
        try { while (true) taken.push(...createPipe()); } catch { /* none is left */ }
      };
      takeAll();
      setInterval(() => {
        const one = new Pipe(0);
        one.open(taken.pop());
        one.close();
        setTimeout(takeAll, 1);
      }, 100);
      return new Promise(() => {});
    })`);
    assertMatch(got, /^(unknown: .*its memory cannot be looked at|resource_exhausted: .*MiB)/);
  },
});

Deno.test({
  name: "page tables without end, which resident memory does not count, end their child",
  // A server with all permissions asks the kernel; other systems have no /proc.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using arena = await Arena.open();
    await arena.attack({
      name: "",
      code: `const all = []; let sum = 0;
        while (true) {
          const bytes = new Uint8Array(2 ** 32);
          all.push(bytes);
          for (let at = 0; at < bytes.length; at += 2 ** 21) sum += bytes[at];
        }`,
      gets,
    });
  },
});

attacks("a result that is too large is refused, not read", [
  {
    name: "a string over the limit, with both sizes in the text",
    code: "'x'.repeat(200_000)",
    gets: /^resource_exhausted: .*200002 bytes.*100000/,
  },
  {
    name: "a string of half a gigabyte",
    code: "'x'.repeat(2 ** 29 - 24)",
    gets: /^(resource_exhausted|internal|unknown): /,
  },
  {
    name: "a frame that only claims to be long",
    // Posts to the supervisor by itself, past the limit that the runner checks.
    code: "postMessage(new Uint8Array(5_000_000)); new Promise(() => {})",
    gets: /^resource_exhausted: .*5000000 bytes or more/,
  },
  {
    name: "a result over the limit that is posted past what runs commands",
    code: `${
      posted(
        `{
      type: "done", run: 1, outcome: { ok: true, output: { contentType: "text/plain" } },
    }`,
        "new Uint8Array(100_001)",
      )
    }; new Promise(() => {})`,
    gets: /^resource_exhausted: .*100001 bytes or more, the limit is 100000/,
  },
]);

const twoGigabytes = /^resource_exhausted: .*21474836\d\d bytes or more, the limit is 100000/;
attacks("what a command posts to its supervisor is refused by its length, not copied", [
  {
    name: "two gigabytes that are transferred",
    code: "const u = new Uint8Array(2 ** 31); postMessage(u, [u.buffer]); new Promise(() => {})",
    gets: twoGigabytes,
  },
  {
    name: "two gigabytes of shared memory",
    code: "postMessage(new Uint8Array(new SharedArrayBuffer(2 ** 31))); new Promise(() => {})",
    gets: twoGigabytes,
  },
  {
    name: "two gigabytes that are not transferred",
    code: "postMessage(new Uint8Array(2 ** 31)); new Promise(() => {})",
    gets: twoGigabytes,
  },
  {
    name: "a view that is no Uint8Array",
    code:
      "const b = new ArrayBuffer(2 ** 31); postMessage(new DataView(b), [b]); new Promise(() => {})",
    gets: /^unknown: .*it sent what is no frame/,
  },
  {
    name: "a view that says it is a Uint8Array",
    code:
      `postMessage(Object.setPrototypeOf(new DataView(new ArrayBuffer(8)), Uint8Array.prototype));
      new Promise(() => {})`,
    gets: /^unknown: .*it sent what is no frame/,
  },
  {
    name: "an object that takes long to read",
    code: `postMessage(Array.from({ length: 50_000 }, (_, i) => ({ ["key" + i]: i })));
      new Promise(() => {})`,
    gets: /^unknown: .*it sent what is no frame/,
  },
  {
    name: "shared memory that grows after it was posted",
    code: `{
      const shared = new SharedArrayBuffer(8, { maxByteLength: 2 ** 31 });
      postMessage(new Uint8Array(shared));
      shared.grow(2 ** 31);
      new Promise(() => {});
    }`,
    gets: /^(resource_exhausted: .*bytes or more|unknown: .*it sent what is no frame)/,
  },
  {
    name: "memory that is resized before it is posted",
    code: `{
      const buffer = new ArrayBuffer(8, { maxByteLength: 2 ** 31 });
      const view = new Uint8Array(buffer);
      buffer.resize(2 ** 31);
      postMessage(view, [buffer]);
      new Promise(() => {});
    }`,
    gets: twoGigabytes,
  },
  {
    name: "bytes inside an object",
    code: "const b = new ArrayBuffer(2 ** 31); postMessage({ b }, [b]); new Promise(() => {})",
    gets: /^unknown: .*it sent what is no frame/,
  },
  {
    name: "an uncaught error with a text of megabytes, cut",
    code: "setTimeout(() => { throw new Error('x'.repeat(5e6)); }, 0); new Promise(() => {})",
    gets: /^(unknown: .*x{900,1000}\.|resource_exhausted: .*MiB)/,
  },
], { memoryMb: 64 });
