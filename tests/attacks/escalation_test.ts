// Ways to a permission that was not granted, and beyond one that was.
import { assertMatch } from "@std/assert";
import { Arena, attacks } from "./arena.ts";

attacks("no interface has more permissions than its expression", [
  {
    name: "each kind of permission by asking for it",
    code: `await Promise.all(["net", "env", "read", "write", "sys", "run", "ffi"].map((name) =>
      Deno.permissions.request({ name }).then(({ state }) => state)))`,
    gets: /^ok: \["denied"(,"denied"){6}\]$/,
  },
  {
    name: "a worker of the worker that asks for permissions of its own",
    code: `new Worker("data:text/javascript,", {
      type: "module", deno: { permissions: { read: true } },
    }); new Promise(() => {})`,
    gets: /^unknown: .*ended/,
  },
  {
    name: "a worker by Node's interface",
    code: `await import("node:worker_threads").then(({ Worker }) => new Promise((resolve) => {
      const worker = new Worker(
        'const { parentPort } = require("node:worker_threads");' +
        'try { parentPort.postMessage(require("fs").readFileSync("/etc/passwd", "utf8")) }' +
        'catch (error) { parentPort.postMessage(error.name) }', { eval: true });
      worker.on("message", resolve);
      worker.on("error", () => resolve("refused"));
    }))`,
    gets: /^ok: "(NotCapable|refused)"$/,
  },
  {
    name: "a snapshot of the heap on the disk",
    code: "await import('node:v8').then((v8) => v8.writeHeapSnapshot('/tmp/kafka-rpc-heap'))",
    gets: /^(permission_denied|resource_exhausted): /,
  },
  {
    name: "a snapshot of the heap in the folder of the process",
    code: "await import('node:v8').then((v8) => v8.writeHeapSnapshot())",
    gets: /^(permission_denied|resource_exhausted): /,
  },
  {
    name: "a larger heap by a flag of V8",
    code: `await import('node:v8').then((v8) => {
      v8.setFlagsFromString('--max-old-space-size=8000');
      const all = [];
      while (true) all.push({ all });
    })`,
    gets: /^resource_exhausted: /,
  },
  {
    name: "the inspector, which listens",
    code: "await import('node:inspector').then((inspector) => inspector.open(0, '127.0.0.1'))",
    gets: /^permission_denied: /,
  },
  {
    name: "the inspector of its own process",
    code: "await import('node:inspector').then(({ Session }) => new Session().connect())",
    gets: /^permission_denied: /,
  },
  {
    name: "a database on the disk",
    code: "await import('node:sqlite').then((sqlite) => new sqlite.DatabaseSync('/tmp/kafka-rpc'))",
    gets: /^permission_denied: /,
  },
  {
    name: "a database on the disk, attached to one in memory",
    code: `await import('node:sqlite').then((sqlite) => {
      new sqlite.DatabaseSync(':memory:').exec("attach database '/tmp/kafka-rpc' as other");
    })`,
    gets: /^(unknown|permission_denied): /,
  },
  {
    name: "a folder by WASI",
    code: `await import('node:wasi').then(({ WASI }) => {
      new WASI({ version: 'preview1', preopens: { '/': '/' } });
    })`,
    gets: /^(unknown|permission_denied): /,
  },
  {
    name: "a process by Node's cluster",
    code: "await import('node:cluster').then(({ default: cluster }) => cluster.fork())",
    gets: /^(unknown|permission_denied): /,
  },
  {
    name: "a port by UDP",
    code: `await import('node:dgram').then((dgram) => new Promise((resolve) => {
      const socket = dgram.createSocket('udp4');
      socket.on('error', () => resolve('refused'));
      socket.bind(0, () => resolve('bound'));
    }))`,
    gets: /^(unknown: .*NotCapable|permission_denied: |ok: "refused"$)/,
  },
  { name: "another folder", code: "Deno.chdir('/tmp')", gets: /^permission_denied: / },
  {
    name: "the id of its own call, or of another",
    code: "[typeof context, typeof job, typeof id, typeof message].join()",
    gets: /^ok: "undefined,undefined,undefined,undefined"$/,
  },
]);

/** What a module gets that may reach one port and one variable. */
const DENIED: [what: string, code: (port: number) => string][] = [
  ["another port", (port) => `Deno.connect({ hostname: "127.0.0.1", port: ${port ^ 1} })`],
  ["another name of the host", (port) => `Deno.connect({ hostname: "localhost", port: ${port} })`],
  ["another port by fetch", (port) => `fetch("http://127.0.0.1:${port ^ 1}/")`],
  [
    "another port by a redirect",
    (port) => `fetch("http://127.0.0.1:${port}/", { redirect: "follow" })`,
  ],
  [
    "another port by Node's interface",
    (port) =>
      `import("node:net").then((net) => new Promise((resolve, reject) =>
        net.connect(${port ^ 1}, "127.0.0.1").on("error", reject).on("connect", resolve)))`,
  ],
  ["listening", () => `Deno.listen({ hostname: "127.0.0.1", port: 0 })`],
  ["a socket in the file system", () => `Deno.connect({ transport: "unix", path: "/tmp/x" })`],
  ["code of the host that it may reach", (port) => `import("http://127.0.0.1:${port}/x.js")`],
  ["another variable", () => `Deno.env.get("HOME")`],
  ["another variable by Node's interface", () => `import("node:process").then((p) => p.env.HOME)`],
  ["all variables", () => "Deno.env.toObject()"],
  ["a change of another variable", () => `Deno.env.set("DENO_DIR", "/tmp")`],
];

Deno.test("a module that may reach one port and one variable reaches no other", async (t) => {
  let origin = 0;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => void (origin = port) },
    () => Response.redirect(`http://127.0.0.1:${origin ^ 1}/`),
  );
  const { port } = server.addr;
  await using arena = await Arena.open({
    module: new URL("./fixtures/granted.ts", import.meta.url),
    permissions: { net: [`127.0.0.1:${port}`], env: ["KAFKA_RPC_GRANTED"] },
    size: 1,
  });
  const run = (code: string) => arena.run(code, { command: "run" });
  await t.step("what was granted is there", async () => {
    const code = `fetch("http://127.0.0.1:${port}/", { redirect: "manual" }).then(async (found) => {
      await found.body?.cancel();
      return [found.status, Deno.env.get("KAFKA_RPC_GRANTED") ?? "unset"].join();
    })`;
    assertMatch(await run(code), /^ok: "302,unset"$/);
  });
  for (const [what, code] of DENIED) {
    await t.step(`${what} is denied`, async () => {
      assertMatch(await run(code(port)), /^permission_denied: |NotCapable|no-remote/);
    });
  }
});
