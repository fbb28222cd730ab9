// How `eval` reads what it is given: the language's own eval, with `await` where it compiles.
import { assertEquals } from "@std/assert";
import { WorkerSandbox } from "../../../src/executor/worker_sandbox.ts";
import { job, never, resultOf } from "../jobs.ts";

async function evaluate(...expressions: unknown[]): Promise<unknown> {
  const worker = await WorkerSandbox.start(
    { resultBytes: 10_000 },
    new AbortController().signal,
  );
  try {
    let result: unknown;
    for (const expression of expressions) {
      result = resultOf(await worker.run(job("eval", expression), never));
    }
    return result;
  } finally {
    await worker.close();
  }
}

const CASES: [string, unknown][] = [
  ["1 + 1", 2],
  ["1; 2; 3", 3],
  ["let a = 1; a + 1", 2],
  ["if (true) { 'yes' } else { 'no' }", "yes"],
  ["({ a: 1 })", { a: 1 }],
  ["{ a: 1 }", 1],
  ["// a comment alone", undefined],
  ["", undefined],
  ["Promise.resolve(4)", 4],
  ["await Promise.resolve(5)", 5],
  ["(await Promise.resolve([1, 2])).length", 2],
  ["await 1 // and a comment", 1],
  ["(async () => { await 0; return 6 })()", 6],
  ["'await is only a word'", "await is only a word"],
  ["typeof runWorker", "undefined"],
  ["typeof boot", "undefined"],
  ["typeof codec", "undefined"],
];
for (const [expression, result] of CASES) {
  Deno.test(`${JSON.stringify(expression)} is ${JSON.stringify(result)}`, async () => {
    assertEquals(await evaluate(expression), result);
  });
}

for (const expression of ["1 +", "await 1) + (2", "return 1", "await 1; await 2"]) {
  Deno.test(`${JSON.stringify(expression)} is refused as the language refuses it`, async () => {
    assertEquals(String(await evaluate(expression)).startsWith("unknown: "), true);
  });
}

Deno.test("a thrown value that is no error is reported", async () => {
  assertEquals(await evaluate("throw 'text'"), "unknown: text");
});

for (const input of [5, null, undefined, { code: "1" }]) {
  Deno.test(`an input of ${Deno.inspect(input)} is invalid_argument`, async () => {
    assertEquals(String(await evaluate(input)).startsWith("invalid_argument: "), true);
  });
}

Deno.test("an expression that replaces JSON and postMessage breaks nothing", async () => {
  const hostile = "JSON.stringify = () => 'hacked'; self.postMessage = () => {}; 1";
  assertEquals(await evaluate(hostile, "[1, 2]"), [1, 2]);
});
