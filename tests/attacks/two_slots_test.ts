// The worst attacks, two at the same time, and a neighbour between them.
import { assertEquals, assertMatch } from "@std/assert";
import { Arena } from "./arena.ts";

const TWICE: [what: string, code: string, gets: RegExp, timeoutMs?: number][] = [
  ["a loop", "while (true);", /^deadline_exceeded: /, 600],
  ["a heap bomb", "const a = []; while (true) a.push({ a })", /^resource_exhausted: /],
  [
    "a bomb of buffers",
    "const a = []; while (true) a.push(new Uint8Array(10_000_000).fill(1))",
    /^resource_exhausted: /,
  ],
  [
    "a post of two gigabytes",
    "const u = new Uint8Array(2 ** 31); postMessage(u, [u.buffer]); new Promise(() => {})",
    /^resource_exhausted: .*2147483648/,
  ],
  ["an exit", "Deno.exit(1)", /^unknown: /],
  ["a kill of itself", "Deno.kill(Deno.pid, 'SIGKILL')", /^unknown: /],
  [
    "an uncaught error",
    "setTimeout(() => { throw new Error('boom'); }, 0); new Promise(() => {})",
    /^unknown: .*boom/,
  ],
  [
    "text on the pipe of the frames",
    "import('node:fs').then((fs) => { fs.writeSync(1, 'text'); return new Promise(() => {}); })",
    /^unknown: /,
  ],
  ["a flood of output", "while (true) console.log('flood')", /^deadline_exceeded: /, 600],
  ["a read of a file", "Deno.readTextFileSync('/etc/passwd')", /^permission_denied: /],
  ["a graphics adapter", "navigator.gpu.requestAdapter().then(String)", /^ok: "null"$/],
  [
    "a loop that waits for the collector",
    `const registry = new FinalizationRegistry(() => { while (true); });
     for (let i = 0; i < 10_000; i++) registry.register({}, i); 1`,
    /^ok: 1$/,
  ],
];

Deno.test("two of each attack at once cost a neighbour nothing but time", async (t) => {
  await using arena = await Arena.open({ size: 3 });
  for (const [what, code, gets, timeoutMs = 20_000] of TWICE) {
    await t.step({
      name: what,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        const attacks = [1, 2].map(() => arena.run(code, { timeoutMs }));
        assertEquals(await arena.run("40 + 2"), "ok: 42");
        for (const got of await Promise.all(attacks)) assertMatch(got, gets);
      },
    });
  }
});
