// The supervisor: the main thread of a child process, whose one worker runs the
// commands. It stays awake whatever the worker does, so that a command that
// never yields neither outlives the server nor takes more memory than it may.
import { CLAIM_BYTES, createClaims, MAX_RUN } from "./claims.ts";
import { createMessageCodec, type FromSupervisor, type LastWords, THREAD } from "./messages.ts";
import { textOf } from "./program.ts";
import { createThreadChannel, LAYOUT, SHARED_BYTES, versionProblem } from "./thread_channel.ts";
import { createTurns } from "./turns.ts";

/** What it is made of: each function is self-contained, so its text is all of it. */
const PARTS = {
  createClaims,
  createMessageCodec,
  createThreadChannel,
  createTurns,
  versionProblem,
};

/** What a supervisor must know before anything else. */
export interface SupervisorSettings {
  /** Most bytes of resident memory beyond what a child has at its start. */
  readonly memoryBytes: number;
  /** Most bytes of a frame of the worker. */
  readonly frameBytes: number;
  /** Permissions that the child has without limits, such as `net`. */
  readonly granted: readonly string[];
  readonly worker: string;
}

/** Interval between two checks of a child's memory, in milliseconds. */
const MEMORY_CHECK_MS = 25;

/**
 * How long a supervisor may take to say why it ends, in milliseconds. On a busy machine 100 were not
 * enough for one in forty: their callers got no reason.
 */
const LAST_WRITE_MS = 1_000;

/** The same of one that takes too much memory: it goes on taking it meanwhile. */
const LAST_WRITE_OF_MEMORY_MS = 250;

/** Bytes of the secret that every frame of a child begins with. */
export const NONCE_BYTES = 16;

/**
 * The main module of a child, small enough for a command line.
 *
 * On standard input it reads the nonce, then frames: a length of four bytes and as many bytes. The
 * first is its settings as JSON. The others begin with a byte that names their reader: the worker
 * gets what follows it as it is; for the supervisor that is a number of four bytes, up to which it
 * takes back the jobs that have not begun. On standard output it writes frames that begin with the
 * nonce and a byte that names the writer. The end of standard input is the end of the server: it
 * ends itself.
 */
export function supervisorSource(): string {
  const settings = {
    nonceBytes: NONCE_BYTES,
    checkMs: MEMORY_CHECK_MS,
    lastWriteMs: LAST_WRITE_MS,
    lastWriteOfMemoryMs: LAST_WRITE_OF_MEMORY_MS,
    thread: THREAD,
    claimBytes: CLAIM_BYTES,
    maxRun: MAX_RUN,
    sharedBytes: SHARED_BYTES,
    layout: LAYOUT,
  };
  return `(${runSupervisor})(${textOf(PARTS)}, ${JSON.stringify(settings)});`;
}

/** Runs in the child. It sees its parameters and the globals, nothing of this file. */
async function runSupervisor(
  parts: typeof PARTS,
  fixed: {
    nonceBytes: number;
    checkMs: number;
    lastWriteMs: number;
    lastWriteOfMemoryMs: number;
    thread: typeof THREAD;
    claimBytes: number;
    maxRun: number;
    sharedBytes: number;
    layout: typeof LAYOUT;
  },
): Promise<void> {
  const { nonceBytes, checkMs, lastWriteMs, thread, claimBytes, maxRun } = fixed;
  const { encode } = parts.createMessageCodec();
  const claimed = new SharedArrayBuffer(claimBytes);
  const claims = parts.createClaims(claimed);
  const bare = Deno.memoryUsage().rss;
  // Not Deno.exit: it waits for threads, and a worker that never yields never ends.
  const end = () => Deno.kill(Deno.pid, "SIGKILL");
  const server = Deno.ppid;
  // Ctrl-C and a service manager signal the whole group: the server must still be able to drain.
  const signals: Deno.Signal[] = ["SIGINT", "SIGHUP"];
  if (Deno.build.os !== "windows") signals.push("SIGTERM");
  for (const signal of signals) Deno.addSignalListener(signal, () => {});

  // What was read, and where in it begins what was not taken yet.
  let held = new Uint8Array(0);
  let at = 0;
  const chunk = new Uint8Array(65_536);
  async function hold(count: number): Promise<void> {
    const parts = [held.subarray(at)];
    let size = held.length - at;
    while (size < count) {
      const got = await Deno.stdin.read(chunk);
      if (got === null) end();
      else {
        parts.push(chunk.slice(0, got));
        size += got;
      }
    }
    held = new Uint8Array(size);
    at = 0;
    let filled = 0;
    for (const part of parts) {
      held.set(part, filled);
      filled += part.length;
    }
  }
  async function read(count: number): Promise<Uint8Array<ArrayBuffer>> {
    if (held.length - at < count) await hold(count);
    return held.slice(at, at += count);
  }
  /** Makes the next frame held; gives its length. No promise where it is: one chunk has many. */
  function nextFrame(): number | Promise<number> {
    const left = held.length - at;
    if (left >= 4) {
      const length = new DataView(held.buffer).getUint32(at);
      if (left >= 4 + length) {
        at += 4;
        return length;
      }
      return hold(4 + length).then(nextFrame);
    }
    return hold(4).then(nextFrame);
  }

  const nonce = await read(nonceBytes);
  const settings = JSON.parse(
    new TextDecoder().decode(await read(await nextFrame())),
  ) as SupervisorSettings;

  let unwritten: { from: number; content: Uint8Array }[] = [];
  let written: Promise<void> | undefined;
  let ending = false;

  /** Writes all that came meanwhile at once: a write is a hop to another thread and back. */
  async function writeAll(): Promise<void> {
    while (unwritten.length > 0) {
      const frames = unwritten;
      unwritten = [];
      const head = 4 + nonceBytes + 1;
      const size = frames.reduce((sum, { content }) => sum + head + content.length, 0);
      const whole = new Uint8Array(size);
      const view = new DataView(whole.buffer);
      let filled = 0;
      for (const { from, content } of frames) {
        view.setUint32(filled, head - 4 + content.length);
        whole.set(nonce, filled + 4);
        whole[filled + head - 1] = from;
        whole.set(content, filled + head);
        filled += head + content.length;
      }
      for (let done = 0; done < whole.length;) {
        done += await Deno.stdout.write(whole.subarray(done));
      }
    }
    written = undefined;
  }
  /** Never waits: a command may put a pipe in the place of this one that nobody reads. */
  function write(from: number, content: Uint8Array): void {
    unwritten.push({ from, content });
    // After the other messages of this turn.
    written ??= Promise.resolve().then(writeAll).catch(end);
  }
  function endWith(words: LastWords): void {
    if (words.type === "memory") setTimeout(end, fixed.lastWriteOfMemoryMs);
    if (ending) return;
    const message: FromSupervisor = { ...words, begun: claims.takeBack(maxRun) };
    write(thread.supervisor, encode(message));
    ending = true;
    written!.then(end);
    setTimeout(end, lastWriteMs);
  }

  const reason = parts.versionProblem(Deno.version.deno);
  if (reason !== undefined) return endWith({ type: "broken", reason });
  // However the command line came to be: more than was granted is no sandbox.
  for (const name of ["net", "env", "read", "write", "sys", "run", "ffi"] as const) {
    const { state } = Deno.permissions.querySync({ name });
    if (state !== "granted" || settings.granted.includes(name)) continue;
    return endWith({ type: "broken", reason: `it has the permission "${name}" ungranted` });
  }

  const blob = new Blob([settings.worker], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
  const memory = new SharedArrayBuffer(fixed.sharedBytes);
  worker.postMessage([claimed, memory]);
  const channel = parts.createThreadChannel({
    memory,
    side: "outside",
    post: (frame) => {
      const own = frame.slice(); // it lies among others
      worker.postMessage(own, [own.buffer]);
    },
    onFrame: (frame) => {
      if (!ending) write(thread.worker, frame);
    },
    onBroken: () => endWith({ type: "broken", reason: "it wrote what is no frame" }),
    later: parts.createTurns(),
  }, fixed.layout);
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (ending) return;
    // Commands can post here too. Refused by its length before a byte of it is copied: while this
    // thread copies, it does not look at the memory.
    const bytes = ArrayBuffer.isView(data) ? data.byteLength : 0;
    if (bytes > settings.frameBytes) return endWith({ type: "oversized", bytes });
    // Shared and resizable memory may still grow, or change, while it is copied.
    if (
      data instanceof Uint8Array && data.buffer instanceof ArrayBuffer && !data.buffer.resizable
    ) {
      return channel.receive(data);
    }
    endWith({ type: "broken", reason: "it sent what is no frame" });
  };
  worker.onmessageerror = () => endWith({ type: "broken", reason: "it sent what cannot be read" });
  worker.onerror = (event) => {
    event.preventDefault();
    channel.drain(); // what it answered before
    endWith({ type: "broken", reason: event.message.slice(0, 1_000) });
  };
  setInterval(() => {
    // Its standard input may be another one by now: the system gives an orphan another parent.
    if (Deno.ppid !== server) end();
    const { rss } = Deno.memoryUsage();
    // Deno's result where it could not read it: every descriptor is taken.
    if (rss === 0) return endWith({ type: "broken", reason: "its memory cannot be looked at" });
    const used = rss - bare;
    if (used > settings.memoryBytes) endWith({ type: "memory", used });
  }, checkMs);
  while (true) {
    const next = nextFrame();
    const length = typeof next === "number" ? next : await next;
    const start = at;
    at += length;
    if (held[start] === thread.worker) {
      channel.send(held.subarray(start + 1, at));
    } else {
      const upTo = new DataView(held.buffer).getUint32(start + 1);
      const message: FromSupervisor = { type: "returned", begun: claims.takeBack(upTo), upTo };
      write(thread.supervisor, encode(message));
    }
  }
}
