// The shape of src, as DESIGN fixes it: rooms in one order, and nothing sneaks past a door.
import { assertEquals, assertNotEquals } from "@std/assert";
import { workerSource } from "../src/executor/inside/worker.ts";
import { CLAIM_BYTES, createClaims } from "../src/executor/inside/claims.ts";
import { createTurns } from "../src/executor/inside/turns.ts";
import {
  createThreadChannel,
  LAYOUT,
  SHARED_BYTES,
} from "../src/executor/inside/thread_channel.ts";
import { CONTRACT } from "../src/contract/contract.ts";
import { jsonSchemaOf } from "../src/contract/json_schema_of.ts";
import {
  createDescribeCommands,
  type Descriptions,
} from "../src/executor/inside/describe_commands.ts";
import { createMessageCodec } from "../src/executor/inside/messages.ts";
import { createRunner } from "../src/executor/inside/run_command.ts";
import { loadCodecs } from "../src/executor/inside/load_codecs.ts";
import { createBytesCodec } from "../src/wire/codecs/bytes.ts";
import type { Codec } from "../src/wire/codecs/codec.ts";
import { codecsWith, createCodecs } from "../src/wire/codecs/codecs.ts";
import { createJsonCodec } from "../src/wire/codecs/json.ts";
import { createTextCodec } from "../src/wire/codecs/text.ts";
import { createDescribe, describe } from "../src/wire/describe.ts";
import { EVAL_COMMAND } from "../src/wire/headers.ts";
import { RPC_CODES } from "../src/wire/errors.ts";

const SRC = new URL("../src/", import.meta.url);
/** A room may import from itself and from the rooms before it: a logger checks its level as an option. */
const ROOMS = [
  "wire",
  "contract",
  "async",
  "options",
  "logging",
  "transport",
  "signing",
  "pipeline",
  "executor",
  "client",
  "server",
  "telemetry",
  "cli",
];

interface SourceFile {
  /** As in `wire/reply.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sourceFiles(folder: string): SourceFile[] {
  return [...Deno.readDirSync(new URL(folder, SRC))].flatMap((entry) => {
    if (entry.isDirectory) return sourceFiles(`${folder}${entry.name}/`);
    const path = `${folder}${entry.name}`;
    const text = Deno.readTextFileSync(new URL(path, SRC));
    return [{ path, text, imports: importsOf(text) }];
  });
}

/** Comments hold examples with imports of their own. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const pattern = /\b(?:from\s*|import\s*\(?\s*)"([^"\s,]+)"/g;
  return [...code.matchAll(pattern)].map(([, specifier]) => specifier!);
}

const FILES = sourceFiles("");
const roomOf = (path: string): string => path.split("/", 1)[0]!;
const resolve = (from: string, to: string): string =>
  new URL(to, new URL(from, SRC)).href.slice(SRC.href.length);
const localImports = (file: SourceFile): string[] =>
  file.imports.filter((to) => to.startsWith(".")).map((to) => resolve(file.path, to));

Deno.test("every file of src lies in a known room", () => {
  assertEquals(FILES.filter(({ path }) => !ROOMS.includes(roomOf(path))), []);
});

Deno.test("every room has files whose imports are seen by this test", () => {
  const seen = FILES.filter((file) => localImports(file).length > 0).map(({ path }) =>
    roomOf(path)
  );
  assertEquals(new Set(seen), new Set(ROOMS));
});

Deno.test("imports run one way: no room imports from a later one", () => {
  const wrong = FILES.flatMap((file) =>
    localImports(file)
      .filter((to) => ROOMS.indexOf(roomOf(to)) > ROOMS.indexOf(roomOf(file.path)))
      .map((to) => `${file.path} imports ${to}`)
  );
  assertEquals(wrong, []);
});

Deno.test("client and server do not import each other", () => {
  const sides = ["client", "server"];
  const wrong = FILES.filter(({ path }) => sides.includes(roomOf(path))).flatMap((file) =>
    localImports(file)
      .filter((to) => sides.includes(roomOf(to)) && roomOf(to) !== roomOf(file.path))
      .map((to) => `${file.path} imports ${to}`)
  );
  assertEquals(wrong, []);
});

Deno.test("a policy is an interceptor, and knows no other one: their order stands in the pipeline", () => {
  const policies = FILES.filter(({ path }) => /^(client|server)\/policies\//.test(path));
  const wrong = policies.filter((file) =>
    !/\bInterceptor</.test(file.text) || localImports(file).some((to) => to.includes("/policies/"))
  );
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("every local import names a file that exists", () => {
  const known = new Set(FILES.map(({ path }) => path));
  const wrong = FILES.flatMap((file) => localImports(file).filter((to) => !known.has(to)));
  assertEquals(wrong, []);
});

/** Follows the imports from a file; gives the way round where it comes back to its start. */
function findCycle(graph: ReadonlyMap<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const to of graph.get(path) ?? []) {
      const cycle = visit(to, [...way, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

Deno.test("the cycle search finds a cycle", () => {
  assertEquals(findCycle(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b", "c", "b"]);
});

Deno.test("no file imports itself over others", () => {
  // Types alone make no cycle at run time, and are distinguished from imports of values.
  const graph = new Map(FILES.map((file) => {
    const text = file.text.replaceAll(/^import type [\s\S]*?;$/gm, "");
    return [file.path, localImports({ ...file, imports: importsOf(text) })];
  }));
  assertEquals(findCycle(graph), undefined);
});

Deno.test("no file of src has more than 300 lines", () => {
  const long = FILES.filter(({ text }) => text.split("\n").length - 1 > 300);
  assertEquals(long.map(({ path }) => path), []);
});

Deno.test("kafkajs is imported by its adapter only", () => {
  const wrong = FILES.filter(({ path, imports }) =>
    imports.some((to) => /^(npm:)?kafkajs/.test(to)) && !path.startsWith("transport/kafka/kafkajs/")
  );
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("@platformatic/kafka is imported by its adapter only, and that by its entry point only", () => {
  const adapter = "transport/kafka/platformatic/";
  const wrong = FILES.filter((file) =>
    !file.path.startsWith(adapter) &&
    (file.imports.includes("@platformatic/kafka") ||
      localImports(file).some((to) => to.startsWith(adapter)))
  );
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("of kafkajs only its encoder, definitions and authenticators are imported", () => {
  const parts = [
    "protocol/",
    "broker/saslAuthenticator/",
  ];
  const wrong = FILES.flatMap(({ path, imports }) =>
    imports
      .filter((to) => /^(npm:)?kafkajs/.test(to))
      .filter((to) => !parts.some((part) => to.startsWith(`kafkajs/src/${part}`)))
      .map((to) => `${path} imports ${to}`)
  );
  assertEquals(wrong, []);
});

Deno.test("src imports nothing but itself, Node's modules and the names in deno.json", () => {
  const config = new URL("../deno.json", import.meta.url);
  const names = Object.keys(JSON.parse(Deno.readTextFileSync(config)).imports);
  const wrong = FILES.flatMap(({ path, imports }) =>
    imports
      .filter((to) => !to.startsWith(".") && !to.startsWith("node:"))
      .filter((to) => !names.some((name) => name.endsWith("/") ? to.startsWith(name) : to === name))
      .map((to) => `${path} imports ${to}`)
  );
  assertEquals(wrong, []);
});

const CODECS: readonly [() => Codec, unknown][] = [
  [createJsonCodec, { a: [1] }],
  [createBytesCodec, Uint8Array.of(1)],
  [createTextCodec, "1"],
];

// A function that travels as text sees nothing of its file; `new Function` sees nothing of this one.
const alone = <T>(source: unknown): T => new Function(`return (${source});`)() as T;

for (const [create, value] of CODECS) {
  Deno.test(`${create.name} is self-contained: its text alone makes a codec`, () => {
    const codec = alone<typeof create>(create)();
    assertEquals(codec.decode(codec.encode(value)), value);
  });
}

Deno.test("createCodecs is self-contained: its text alone chooses by content type", () => {
  const builtIn = { json: createJsonCodec(), bytes: createBytesCodec(), text: createTextCodec() };
  const codecs = alone<typeof createCodecs>(createCodecs)(builtIn, []);
  assertEquals(codecs.decode(codecs.encode({ a: [1] })), { a: [1] });
});

Deno.test("createDescribe is self-contained: its text alone describes an error", () => {
  const describe = alone<typeof createDescribe>(createDescribe)(createJsonCodec(), RPC_CODES);
  assertEquals(describe(new TypeError("boom")).name, "TypeError");
});

Deno.test("loadCodecs is self-contained: its text alone imports a codec", async () => {
  const source = 'export default { contentType: "text/x", encode: () => 1, decode: () => 2 }';
  const codecs = await alone<typeof loadCodecs>(loadCodecs)(
    [`data:text/javascript,${source}`],
    codecsWith,
  );
  assertEquals(codecs.decode({ bytes: new Uint8Array(0), contentType: "text/x" }), 2);
});

Deno.test("createRunner is self-contained: its text alone runs a command", async () => {
  const codecs = codecsWith();
  const run = alone<typeof createRunner>(createRunner)({
    codecs,
    describe,
    evalCommand: EVAL_COMMAND,
    resultBytes: 100,
    find: () => (n: number) => 2 * n,
  });
  const context = { id: "1", command: "double", deadline: 0, attempt: 1, metadata: {} };
  const job = { input: codecs.encode(21), context, resultAs: "value" } as const;
  const outcome = await run(job, new AbortController().signal);
  assertEquals(outcome.ok && codecs.decode(outcome.output), 42);
});

Deno.test("createMessageCodec is self-contained: its text alone frames a message", () => {
  const messages = alone<typeof createMessageCodec>(createMessageCodec)();
  const message = { type: "ready", commands: ["add"], policies: [] } as const;
  assertEquals(messages.decode(messages.encode(message)), message);
});

Deno.test("createDescribeCommands is self-contained: its text alone describes a command", () => {
  const input = { "~standard": { jsonSchema: { input: () => ({ $schema: "", type: "null" }) } } };
  const add = Object.assign(() => {}, { [CONTRACT]: { input } });
  const create = alone<typeof createDescribeCommands>(createDescribeCommands);
  const describe = create(alone<typeof jsonSchemaOf>(jsonSchemaOf), CONTRACT);
  const [[name, { kind, input: schema }]] = describe(["add"], { add }) as [Descriptions[0]];
  assertEquals([name, kind, schema], ["add", "call", { type: "null" }]);
});

Deno.test("createClaims is self-contained: its text alone claims a job", () => {
  const claims = alone<typeof createClaims>(createClaims)(new SharedArrayBuffer(CLAIM_BYTES));
  const began = claims.begin(1);
  assertEquals([began, claims.takeBack(3), claims.begin(2), claims.begin(4)], [
    true,
    1,
    false,
    true,
  ]);
});

/** Keeps the event loop going meanwhile: a wait for shared memory does not. */
async function awake<Value>(promise: Promise<Value>): Promise<Value> {
  const timer = setInterval(() => {}, 1_000);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

Deno.test("createTurns is self-contained: its text alone lets a turn of the event loop pass", async () => {
  const later = alone<typeof createTurns>(createTurns)();
  const order: string[] = [];
  // The runner calls a test from outside of JavaScript, without the microtasks of a turn behind it.
  await Promise.resolve();
  await awake(
    new Promise<void>((resolve) => {
      later(() => resolve(void order.push("later")));
      queueMicrotask(() => queueMicrotask(() => order.push("at once")));
    }),
  );
  assertEquals(order, ["at once", "later"]);
});

Deno.test("createThreadChannel is self-contained: its text alone sends a frame", async () => {
  const create = alone<typeof createThreadChannel>(createThreadChannel);
  const memory = new SharedArrayBuffer(SHARED_BYTES);
  const got = Promise.withResolvers<Uint8Array>();
  const { post, onBroken, later } = { post: () => {}, onBroken: () => {}, later: createTurns() };
  create({ memory, side: "outside", post, onBroken, later, onFrame: got.resolve }, LAYOUT);
  const inside = create(
    { memory, side: "inside", post, onBroken, later, onFrame: () => {} },
    LAYOUT,
  );
  inside.send(Uint8Array.of(1, 2));
  assertEquals(await awake(got.promise), Uint8Array.of(1, 2));
});

Deno.test("runWorker is self-contained: its text alone boots and says its commands", async () => {
  const said = Promise.withResolvers<Uint8Array>();
  const memories = [new SharedArrayBuffer(CLAIM_BYTES), new SharedArrayBuffer(SHARED_BYTES)];
  const first = { data: memories };
  const once = (_: string, listener: (event: unknown) => void, options?: { once: boolean }) => {
    if (options?.once) listener(first);
  };
  const scope = { postMessage: said.resolve, addEventListener: once, close: () => {} };
  const source = workerSource({ resultBytes: 100 });
  // The globals of a worker that it changes are parameters here: this process keeps its own.
  new Function("globalThis", "Deno", source)(scope, {});
  assertEquals(createMessageCodec().decode(await awake(said.promise)), {
    type: "ready",
    commands: ["eval"],
    policies: [],
  });
});

Deno.test("the source of a worker names no file of this package", () => {
  const source = workerSource({ resultBytes: 100 });
  assertNotEquals(/\bimport\b\s*(?:[\w{*]|")/.test(source), true);
});
