import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { Pool } from "../../src/executor/pool.ts";
import type { Sandbox } from "../../src/executor/sandbox.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { PlayedSandbox } from "../executor/played_sandbox.ts";
import { Arena } from "./arena.ts";

const looping = new URL("./fixtures/looping.ts", import.meta.url);

/** Resolves when the process at the other end has ended, whatever it was doing. */
async function hungUp(connection: Deno.Conn): Promise<void> {
  try {
    const got = await connection.read(new Uint8Array(1));
    assertEquals(got, null);
  } catch (error) {
    // A killed process may reset its connections instead of closing them.
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  connection.close();
}

Deno.test("a child that never yields ends when its pool is closed", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const arena = await Arena.open({
    module: looping,
    permissions: { net: [`127.0.0.1:${port}`] },
    size: 1,
  });
  const running = arena.run(port, { command: "connectAndLoop" });
  const connection = await listener.accept();
  await arena[Symbol.asyncDispose]();
  await hungUp(connection);
  assertMatch(await running, /^canceled: /);
});

async function endsWithServer(signal: Deno.Signal, command: string): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const script = new URL("./fixtures/looping_server.ts", import.meta.url);
  const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, script.href, String(port), command],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const connection = await listener.accept();
  server.kill(signal);
  await server.status;
  await hungUp(connection);
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(`a child that never yields ends when the server gets ${signal}`, () =>
    endsWithServer(signal, "connectAndLoop"));
}

Deno.test({
  name: "a child ends with the server, whatever its command put in the place of its pipes",
  ignore: Deno.build.os === "windows",
  fn: () => endsWithServer("SIGKILL", "connectAndStall"),
});

Deno.test("a Deno that is not there is an error at the start", async () => {
  const error = await assertRejects(
    () => childCommand({ permissions: {}, memoryMb: 64, denoPath: "/nowhere/deno" }),
    RpcError,
  );
  assertMatch(error.message, /\/nowhere\/deno cannot be run/);
});

Deno.test("the error of a program that Deno does not run names what to set", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/program${Deno.build.os === "windows" ? ".exe" : ""}`;
    await Deno.copyFile(Deno.execPath(), program);
    const script = new URL("./fixtures/child_command.ts", import.meta.url);
    const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
    const { stdout } = await new Deno.Command(program, {
      args: ["run", "-A", ...flags, script.href],
    }).output();
    assertMatch(new TextDecoder().decode(stdout), /it is not Deno.*Set `denoPath`/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A sandbox that ends as soon as it is started. */
function crashing(): Sandbox {
  const sandbox = new PlayedSandbox();
  queueMicrotask(() => sandbox.crash());
  return sandbox;
}

/** Replaces timers by ones that fire at once, and notes what they were asked for. */
function noteDelays(): { delays: number[] } & Disposable {
  const delays: number[] = [];
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((work: () => void, delay = 0) => {
    delays.push(delay);
    return setTimeout(work, 0);
  }) as typeof setTimeout;
  return { delays, [Symbol.dispose]: () => void (globalThis.setTimeout = setTimeout) };
}

Deno.test("sandboxes that crash again and again are started ever more slowly", async () => {
  using noted = noteDelays();
  const enough = Promise.withResolvers<void>();
  let starts = 0;
  const start = () => {
    if (++starts === 12) enough.resolve();
    return Promise.resolve(crashing());
  };
  const pool = await Pool.start({ start, size: 1, runsPerSandbox: 1, logger: silentLogger });
  await enough.promise;
  await pool.close();
  const [first = 0] = noted.delays;
  const last = noted.delays.at(-1) ?? 0;
  assertEquals([first <= 100, last >= 2_500], [true, true], `delays: ${noted.delays}`);
});

Deno.test("a machine that can start no sandbox answers resource_exhausted", async () => {
  using _noted = noteDelays();
  const failed = Promise.withResolvers<void>();
  let starts = 0;
  const start = () => {
    if (++starts === 1) return Promise.resolve(crashing());
    if (starts === 4) failed.resolve();
    return Promise.reject(new Error("Resource temporarily unavailable (os error 11)"));
  };
  const pool = await Pool.start({ start, size: 1, runsPerSandbox: 1, logger: silentLogger });
  await failed.promise;
  const context = { id: "i", command: "c", deadline: 0, attempt: 1, metadata: {} };
  const input = { bytes: new Uint8Array(0), contentType: "application/json" };
  const outcome = await pool.run(
    { input, context, resultAs: "value" },
    new AbortController().signal,
  );
  await pool.close();
  assertEquals(!outcome.ok && outcome.failure.code, "resource_exhausted");
});
