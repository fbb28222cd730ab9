import { attacks } from "./arena.ts";

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
    code: `{
      const json = new TextEncoder().encode(JSON.stringify({ type: "ready", commands: ["eval"] }));
      const frame = new Uint8Array(4 + json.length + 80_000);
      new DataView(frame.buffer).setUint32(0, json.length);
      frame.set(json, 4);
      while (true) postMessage(frame);
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
    gets: /^resource_exhausted: .*50000\d\d bytes or more/,
  },
]);
