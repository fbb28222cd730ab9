import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RETURNED, type SandboxLoad } from "../../src/executor/sandbox.ts";
import { WorkerSandbox } from "../../src/executor/worker_sandbox.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { within } from "../within.ts";
import { job, never, resultOf } from "./jobs.ts";

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url).href;
const start = (module: string) =>
  WorkerSandbox.start(
    { module, resultBytes: 1_000_000 },
    new AbortController().signal,
  );

/** Runs in a worker of its own, which is closed after it. */
async function inWorker<T>(run: (worker: WorkerSandbox) => Promise<T>): Promise<T> {
  const worker = await start(fixture("commands.ts"));
  try {
    return await run(worker);
  } finally {
    await worker.close();
  }
}

/** Resolves when the load of a worker is as the test wants it. */
async function changes(worker: WorkerSandbox, as: (load: SandboxLoad) => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => as(worker.load) && resolve();
  worker.watch(look);
  look();
  await within(promise, "the change");
}

for (
  const [what, source, problem] of [
    ["throws", 'throw new TypeError("no licence")', "TypeError: no licence"],
    ["has no codec", "export default 1", "TypeError: the default export of data:"],
  ] as const
) {
  Deno.test(`a module of a codec that ${what} is not taken for that of the commands`, async () => {
    const codecs = [`data:text/javascript,${encodeURIComponent(source)}`];
    const boot = { module: fixture("commands.ts"), codecs, resultBytes: 1_000_000 };
    const error = await assertRejects(() => WorkerSandbox.start(boot, never), RpcError);
    assertStringIncludes(error.message, `Cannot load the codecs: ${problem}`);
  });
}

const resultIn = (command: string, input?: unknown) =>
  inWorker(async (worker) => resultOf(await worker.run(job(command, input), never)));

Deno.test("its commands are the functions that the module exports by name", async () => {
  const commands = await inWorker((worker) => Promise.resolve(worker.offer.commands));
  assertEquals(
    commands.toSorted(),
    [
      "add",
      "bytes",
      "compute",
      "count",
      "crash",
      "exit",
      "fail",
      "forever",
      "heed",
      "readEnvironment",
      "reject",
    ],
  );
});

Deno.test("a command runs in the worker", async () => {
  assertEquals(await resultIn("add", { a: 1, b: 2 }), 3);
});

Deno.test("bytes cross as bytes", async () => {
  assertEquals(await resultIn("bytes"), Uint8Array.of(1, 2, 3));
});

Deno.test("a thrown error crosses with its message", async () => {
  assertEquals(await resultIn("fail"), "unknown: boom");
});

for (const name of ["__proto__", "constructor", "then", "toString", "default", "version"]) {
  Deno.test(`${name} is not_found`, async () => {
    assertEquals(await resultIn(name), `not_found: Cannot run "${name}": no such command.`);
  });
}

Deno.test("a worker keeps its state from one job to the next", async () => {
  const second = await inWorker(async (worker) => {
    await worker.run(job("count"), never);
    return resultOf(await worker.run(job("count"), never));
  });
  assertEquals(second, 2);
});

Deno.test("a worker whose command came to its end can run another", async () => {
  const left = await inWorker(async (worker) => {
    await worker.run(job("add", { a: 1, b: 2 }), never);
    return [worker.usable, worker.load.inFlight, worker.load.unanswered];
  });
  assertEquals(left, [true, 0, 0]);
});

Deno.test("an aborted job ends with its reason", async () => {
  const result = await inWorker(async (worker) => {
    const controller = new AbortController();
    const outcome = worker.run(job("forever"), controller.signal);
    controller.abort(new RpcError("deadline_exceeded", "too late"));
    return resultOf(await outcome);
  });
  assertEquals(result, "deadline_exceeded: too late");
});

Deno.test("a worker whose command heeds its signal can run another", async () => {
  const overdue = await inWorker(async (worker) => {
    const controller = new AbortController();
    const outcome = worker.run(job("heed"), controller.signal);
    controller.abort(new Error("stop"));
    await outcome;
    await changes(worker, ({ inFlight, unanswered }) => inFlight + unanswered === 0);
    return worker.load.overdue;
  });
  assertEquals(overdue, []);
});

Deno.test("a worker whose command goes on after its abort must be replaced", async () => {
  const overdue = await inWorker(async (worker) => {
    const controller = new AbortController();
    const outcome = worker.run(job("forever"), controller.signal);
    controller.abort(new Error("stop"));
    await outcome;
    // On a busy machine it says so after the grace.
    await changes(worker, (load) => load.overdue.some(({ answered }) => answered));
    return worker.load.overdue.map(({ context }) => context.command);
  });
  assertEquals(overdue, ["forever"]);
});

const ENDINGS: [string, string, string][] = [
  ["an error that nobody catches", "crash", "nobody catches this"],
  ["a rejection that nobody handles", "reject", "nobody handles this"],
  ["an exit", "exit", "exit(3)"],
];
for (const [what, command, text] of ENDINGS) {
  Deno.test(`${what} fails the command that runs, and says so`, async () => {
    const result = await within(resultIn(command), "the outcome");
    assertStringIncludes(String(result), "its worker ended");
    assertStringIncludes(String(result), text);
  });

  Deno.test(`${what} ends the worker, not this process`, async () => {
    const usable = await inWorker(async (worker) => {
      await worker.run(job(command), never);
      await within(worker.ended, "the end of the worker");
      return worker.usable;
    });
    assertEquals(usable, false);
  });
}

Deno.test("close() fails the command that runs", async () => {
  const worker = await start(fixture("commands.ts"));
  const outcome = worker.run(job("forever"), never);
  await worker.close();
  assertStringIncludes(String(resultOf(await outcome)), "its worker ended");
});

const UNLOADABLE: [string, string, string][] = [
  ["does not exist", fixture("absent.ts"), "absent.ts"],
  ["throws at import", fixture("throws_at_import.ts"), "RangeError: no configuration"],
  ["exports nothing callable", fixture("exports_nothing.ts"), "it exports no function"],
  ["is no JavaScript", "data:text/javascript,export function (", "SyntaxError"],
];
for (const [what, module, text] of UNLOADABLE) {
  Deno.test(`a module that ${what} is failed_precondition`, async () => {
    const error = await assertRejects(() => start(module), RpcError, text);
    assertEquals(error.code, "failed_precondition");
  });
}

Deno.test("a worker runs a job while another one waits", async () => {
  const results = await inWorker(async (worker) => {
    const controller = new AbortController();
    const waiting = worker.run(job("heed"), controller.signal);
    const second = resultOf(await worker.run(job("add", { a: 1, b: 2 }), never));
    controller.abort(new RpcError("canceled", "enough"));
    return [second, resultOf(await waiting)];
  });
  assertEquals(results, [3, "canceled: enough"]);
});

Deno.test("a worker says of a job that waits that its event loop answers", async () => {
  const load = await inWorker(async (worker) => {
    void worker.run(job("forever"), never);
    await changes(worker, ({ unanswered }) => unanswered === 0);
    return [worker.load.inFlight, worker.load.answers];
  });
  assertEquals(load, [1, 1]);
});

Deno.test("jobs behind one that computes are taken back from a worker, and never run in it", async () => {
  const outcomes = await inWorker(async (worker) => {
    void worker.run(job("forever"), never);
    await changes(worker, ({ unanswered }) => unanswered === 0);
    const computing = worker.run(job("compute", 300), never);
    const behind = [worker.run(job("count"), never), worker.run(job("count"), never)];
    // It is asked before it can have begun both: what it says is certain all the same.
    await worker.takeBack();
    const all = await Promise.all([computing, ...behind]);
    const after = resultOf(await worker.run(job("count"), never));
    return [all.filter((outcome) => outcome !== RETURNED).length, after];
  });
  const [run, after] = outcomes as [number, number];
  assertEquals([0, 1, 2, 3].includes(run), true);
  assertEquals(after, 1 + Math.max(0, run - 1));
});
