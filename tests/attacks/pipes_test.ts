import { assert, assertEquals } from "@std/assert";
import { Arena, attacks } from "./arena.ts";
import { posted } from "./forging.ts";

const ended = /^unknown: Cannot finish "eval": something else than a frame/;
const failed = '{ ok: false, failure: { code: "aborted", name: "a", message: "b" } }';
/** A frame that answers the job in flight, without the nonce, which nobody in there knows. */
const forged = `(() => {
  const json = new TextEncoder().encode(JSON.stringify({
    type: "done", run: 1, outcome: { ok: true, output: { contentType: "application/json" } },
  }));
  const frame = new Uint8Array(4 + 16 + 4 + json.length + 1);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 16 + 4 + json.length + 1);
  view.setUint32(20, json.length);
  frame.set(json, 24);
  frame[frame.length - 1] = 0x31;
  return frame;
})()`;

attacks("the pipe of the frames is not for commands", [
  {
    name: "text on standard output ends the child",
    code:
      "await import('node:fs').then((fs) => { fs.writeSync(1, 'text'); return new Promise(() => {}); })",
    gets: ended,
  },
  {
    name: "a forged reply on standard output ends the child",
    code:
      `await import('node:fs').then((fs) => { fs.writeSync(1, ${forged}); return new Promise(() => {}); })`,
    gets: ended,
  },
  {
    name: "a length that is larger than everything ends the child",
    code: `await import('node:fs').then((fs) => {
      fs.writeSync(1, new Uint8Array([255, 255, 255, 255])); return new Promise(() => {});
    })`,
    gets: ended,
  },
  {
    name: "a message to the supervisor that is no frame ends the child",
    code: "postMessage({ type: 'done' }); new Promise(() => {})",
    gets: /^unknown: /,
  },
  {
    name: "a frame of nonsense to the supervisor ends the child",
    code: "postMessage(new Uint8Array([0, 0, 0, 2, 123, 125])); new Promise(() => {})",
    gets: /^unknown: .*unknown type/,
  },
  {
    name: "an answer to no job in flight ends the child",
    code: `${posted(`{ type: "done", run: 99, outcome: ${failed} }`)}; new Promise(() => {})`,
    gets: /^unknown: .*no job in flight/,
  },
  {
    name: "a flood of answers to earlier jobs ends the child",
    code: `setInterval(() => ${posted(`{ type: "done", run: 0, outcome: ${failed} }`)}, 0);
      new Promise(() => {})`,
    gets: /^unknown: .*no job in flight/,
  },
  {
    name: "a forged failure with details without end ends the child",
    code: `${
      posted(`{ type: "done", run: 1, outcome: { ok: false, failure: {
        code: "aborted", name: "a", message: "b", details: "x".repeat(50_000) } } }`)
    }; new Promise(() => {})`,
    gets: /^unknown: .*details that are too long/,
  },
  {
    name: "a forged message whose JSON is long is not even parsed",
    code: `${posted('{ type: "broken", reason: "x".repeat(300_000) }')}; new Promise(() => {})`,
    gets: /^unknown: .*a message that is too long/,
  },
  {
    name: "the supervisor's own words cannot be forged",
    code: `${posted('{ type: "memory", used: 1 }')}; new Promise(() => {})`,
    gets: /^unknown: .*unknown type/,
  },
  {
    name: "an end is believed of a command, and its reason is cut",
    code: `${posted('{ type: "broken", reason: "x".repeat(200_000) }')}; new Promise(() => {})`,
    gets: /^unknown: Cannot finish "eval": its worker ended: x{1000}\.$/,
  },
  {
    name: "a command that says that its child is spent ends it",
    code: `${posted('{ type: "spent" }')}; new Promise(() => {})`,
    gets: /^unknown: .*said that it is spent/,
  },
  {
    name: "a flood of words about no job ends the child",
    code: `setInterval(() => ${posted('{ type: "waiting", runs: [] }')}, 0);
      new Promise(() => {})`,
    gets: /^unknown: .*list without a job/,
  },
  {
    name: "what Deno.stdout gets goes to the log",
    code: "Deno.stdout.writeSync(new TextEncoder().encode('to the log\\n')); 1",
    gets: /^ok: 1$/,
  },
]);

Deno.test("what a command prints is logged line by line", async () => {
  await using arena = await Arena.open();
  await arena.run("console.log('one\\ntwo'); console.error('three'); process.stdout.write('four')");
  assertEquals(arena.output, ["one", "two", "three", "four"]);
});

Deno.test("what a command prints by Node's interface is logged too", async () => {
  await using arena = await Arena.open();
  await arena.run("(await import('node:process')).stdout.write('one')");
  assertEquals(arena.output, ["one"]);
});

Deno.test("a command that floods the console is answered, and its lines are bounded", async () => {
  await using arena = await Arena.open();
  const got = await arena.run("for (let i = 0; i < 50_000; i++) console.log('flood', i); 'done'");
  assertEquals(got, 'ok: "done"');
  // A hundred a second; it takes less than one, but on a busy machine.
  assert(arena.output.length < 10_000, `${arena.output.length} lines`);
});

Deno.test("a line without end is cut", async () => {
  await using arena = await Arena.open();
  await arena.run("console.log('x'.repeat(5_000_000)); 1");
  assert(arena.output.every((line) => line.length <= 1_100));
});
