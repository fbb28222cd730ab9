// The code inside a child that evaluates each expression in a realm of its own.
import { RPC_CODES } from "../../wire/errors.ts";
import { EVAL_COMMAND } from "../../wire/headers.ts";
import type { Failure, Outcome } from "../../wire/outcome.ts";
import type { Job } from "../executor.ts";
import { createClaims } from "./claims.ts";
import {
  createMessageCodec,
  type FromSandbox,
  type SandboxBoot,
  type ToSandbox,
} from "./messages.ts";
import { receiveMemory, textOf } from "./program.ts";
import { REALM_RESULT, type RealmStep } from "./realm.ts";
import { realmSource } from "./realm_source.ts";
import { createThreadChannel, LAYOUT } from "./thread_channel.ts";
import { createTurns } from "./turns.ts";

/** What it is made of: each function is self-contained, so its text is all of it. */
const PARTS = {
  createClaims,
  createMessageCodec,
  createThreadChannel,
  createTurns,
  receiveMemory,
};

/** The part of the memory of one child after which it is replaced, and how often it looks. */
const SPENT_SHARE = 1 / 2;
const EXPRESSIONS_A_LOOK = 16;

/** What the code of this file must know inside. */
interface RealmWorkerSettings {
  readonly resultBytes: number;
  readonly spentBytes: number;
  readonly expressionsALook: number;
  readonly layout: typeof LAYOUT;
  readonly codes: readonly string[];
  readonly evalCommand: string;
  readonly kinds: typeof REALM_RESULT;
  /** Source of what is evaluated in each realm. */
  readonly prepare: string;
}

/**
 * Source of a worker that evaluates expressions, each in a fresh realm. `memoryBytes`: the most
 * that its child may take.
 */
export function realmWorkerSource({ resultBytes }: SandboxBoot, memoryBytes: number): string {
  const settings: RealmWorkerSettings = {
    resultBytes,
    spentBytes: memoryBytes * SPENT_SHARE,
    expressionsALook: EXPRESSIONS_A_LOOK,
    layout: LAYOUT,
    codes: RPC_CODES,
    evalCommand: EVAL_COMMAND,
    kinds: REALM_RESULT,
    prepare: realmSource(),
  };
  return `(${runRealmWorker})(${textOf(PARTS)}, ${JSON.stringify(settings)});`;
}

/** Runs in the worker. It sees its parameters and the globals, nothing of this file. */
async function runRealmWorker(
  parts: typeof PARTS,
  settings: RealmWorkerSettings,
): Promise<void> {
  const { codes, evalCommand, expressionsALook, kinds, resultBytes, spentBytes } = settings;
  const scope = globalThis as unknown as {
    postMessage(frame: Uint8Array, transfer: ArrayBuffer[]): void;
    close(): void;
    addEventListener(
      type: string,
      listener: (event: MessageEvent<unknown>) => void,
      options?: { once: boolean },
    ): void;
  };
  const [claimed, memory] = await parts.receiveMemory(scope);
  const claims = parts.createClaims(claimed);
  const later = parts.createTurns();
  const { constants, createContext, Script } = await import("node:vm");
  const { encode, decode } = parts.createMessageCodec();
  const utf8 = new TextEncoder();
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const start = Deno.memoryUsage().rss;
  const channel = parts.createThreadChannel({
    memory,
    side: "inside",
    post: (frame) => scope.postMessage(frame, [frame.buffer]),
    onFrame: (frame) => take(decode(frame) as ToSandbox),
    onBroken: () => scope.close(),
    later,
  }, settings.layout);
  const post = (message: FromSandbox) => channel.send(encode(message));

  // Its microtasks are its own: they run, to the last, where a script ends, and at no other time.
  const newGlobal = () =>
    createContext(constants.DONT_CONTEXTIFY, { microtaskMode: "afterEvaluate" });
  // Some of it could run on after the outcome; the others make code of text, or a global to look at.
  const withheld = ["WebAssembly", "Atomics", "FinalizationRegistry"];
  withheld.push("console", "queueMicrotask", "eval", "Function", "globalThis");
  /** The names that realms have. */
  const present = new Set(Object.getOwnPropertyNames(newGlobal()));
  /** The names that a child of its own has and a realm has not. */
  const missing = new Set<string>();
  for (let at = globalThis; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (!present.has(name)) missing.add(name);
  }
  const names = new Set([...missing, ...withheld]);
  // Those of the worker are asked for by accident only, and then declined like any other.
  for (const name of ["name", "constructor"]) names.delete(name);
  const realmSettings = JSON.stringify({ codes, evalCommand, kinds, resultBytes, withheld });
  const script = new Script(`${settings.prepare}(${realmSettings})`, { filename: "realm" });
  const nothing = new Script("0");
  /** Makes a realm; what it gives evaluates one expression in it, until nothing of it is left to run. */
  function newRealm(): (code: string, resultAs: Job["resultAs"], absent: string) => unknown {
    const global = newGlobal();
    const step = script.runInContext(global) as RealmStep;
    return (...expression) => {
      step(...expression);
      nothing.runInContext(global);
      return step();
    };
  }

  /**
   * Whether an expression needs more than the language, as far as its text says: what it asks for
   * in other ways is noticed when it does. `import` and `this` cannot be written in another way,
   * nor can `Error` be replaced in another without being noticed.
   */
  function needsMore(code: string): boolean {
    if (/\b(?:import|this|prepareStackTrace)\b/.test(code)) return true;
    // A comment behind either keyword may hide the name.
    if (/\b(?:delete|function)\b[\s*(]*(?:Error\b|\/[/*])/.test(code)) return true;
    // One that does not end goes to the end of its line, so that no character is looked at twice.
    const plain = code.replace(/"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/g, '""');
    if (plain.includes("\\u")) return true; // it may be a name
    for (const [name] of plain.matchAll(/(?<![.\w$])[A-Za-z_$][\w$]*(?!\s*:|[\w$])/g)) {
      if (names.has(name)) return true;
    }
    return false;
  }

  /**
   * Missing names that stand anywhere in the text, also where the look above sees none: an identifier
   * is written so, or with an escape. Two hundred properties a realm took a sixth of a millisecond.
   */
  function absentIn(code: string): string {
    if (code.includes("\\u")) return [...missing].join();
    const found = new Set<string>();
    for (const [name] of code.matchAll(/[A-Za-z_$][\w$]*/g)) if (missing.has(name)) found.add(name);
    return [...found].join();
  }

  /** The expression; undefined where the input is none. */
  function codeOf({ bytes, contentType }: Job["input"]): string | undefined {
    try {
      const text = strict.decode(bytes);
      const code = contentType === "application/json" ? JSON.parse(text) : text;
      const known = contentType === "application/json" || contentType === "text/plain";
      return known && typeof code === "string" ? code : undefined;
    } catch {
      return undefined; // what is wrong with it says a child of its own
    }
  }

  /** Reads what a realm gave; undefined where it is none of what it may give. */
  function outcomeOf(given: string): Outcome | undefined {
    const value = given.slice(1);
    const ok = (contentType: string, bytes: Uint8Array): Outcome => {
      return { ok: true, output: { contentType, bytes } };
    };
    try {
      switch (given[0]) {
        case kinds.json:
          return ok("application/json", utf8.encode(value));
        case kinds.text:
          return ok("text/plain", utf8.encode(value));
        case kinds.base64:
          return ok("application/octet-stream", Uint8Array.fromBase64(value));
        case kinds.failure:
          return { ok: false, failure: JSON.parse(value) as Failure };
        default:
          return undefined;
      }
    } catch {
      return undefined; // a child of its own says what it is
    }
  }

  let evaluated = 0;
  let next: ReturnType<typeof newRealm> | undefined = newRealm();

  function evaluate({ input, resultAs }: Omit<Job, "stream">): Outcome | undefined {
    const code = codeOf(input);
    if (code === undefined || needsMore(code)) return undefined;
    const realm = next ?? newRealm();
    next = undefined;
    try {
      const given = realm(code, resultAs, absentIn(code));
      // Where there is none, there never will be one: in a child of its own it ends at its deadline.
      return typeof given === "string" ? outcomeOf(given) : undefined;
    } catch {
      return undefined; // what a realm throws is not even looked at
    }
  }

  /** One after the other: each may still be taken back until the one before has its outcome. */
  function take(message: ToSandbox): void {
    if (message.type === "ping") return post({ type: "waiting", runs: [message.run] });
    // One that is aborted computes, and is ended from outside.
    if (message.type !== "run" || !claims.begin(message.run)) return;
    const { run, job, credit } = message;
    // A realm has no time of its own in which to give one value after the other.
    const outcome = credit === undefined ? evaluate(job) : undefined;
    evaluated++;
    const isSpent = evaluated % expressionsALook === 0 &&
      Deno.memoryUsage().rss - start > spentBytes;
    if (isSpent) post({ type: "spent" });
    post(outcome === undefined ? { type: "declined", run } : { type: "done", run, outcome });
    // While the outcome is on its way.
    next ??= newRealm();
  }

  scope.addEventListener("unhandledrejection", (event) => {
    // Of an expression that has its outcome. Nothing may look at what it rejected with.
    event.preventDefault();
  });
  scope.addEventListener("message", ({ data }) => channel.receive(data as Uint8Array));
  post({ type: "ready", commands: [evalCommand], policies: [] });
}
