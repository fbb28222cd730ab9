// The supervisor: the main thread of a child process, whose one worker runs the
// commands. It stays awake whatever the worker does, so that a command that
// never yields neither outlives the server nor takes more memory than it may.
import { type createMessageCodec, type FromSupervisor, SOURCE } from "./messages.ts";

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

/** How long a supervisor may take to say why it ends, in milliseconds. */
const LAST_WRITE_MS = 100;

/** Bytes of the secret that every frame of a child begins with. */
export const NONCE_BYTES = 16;

/**
 * The main module of a child, small enough for a command line.
 *
 * On standard input it reads the nonce, then frames: a length of four bytes and as many bytes. The
 * first is its settings as JSON, the others go to the worker as they are. On standard output it
 * writes frames that begin with the nonce and a byte that names the writer. The end of standard
 * input is the end of the server: it ends itself.
 */
export function supervisorSource(messageCodec: typeof createMessageCodec): string {
  const settings = {
    nonceBytes: NONCE_BYTES,
    checkMs: MEMORY_CHECK_MS,
    lastWriteMs: LAST_WRITE_MS,
    source: SOURCE,
  };
  return `(${runSupervisor})(${messageCodec}, ${JSON.stringify(settings)});`;
}

/** Runs in the child. It sees its parameters and the globals, nothing of this file. */
async function runSupervisor(
  newMessageCodec: typeof createMessageCodec,
  fixed: { nonceBytes: number; checkMs: number; lastWriteMs: number; source: typeof SOURCE },
): Promise<void> {
  const { nonceBytes, checkMs, lastWriteMs, source } = fixed;
  const { encode } = newMessageCodec();
  const start = Deno.memoryUsage().rss;
  // Not Deno.exit: it waits for threads, and a worker that never yields never ends.
  const end = () => Deno.kill(Deno.pid, "SIGKILL");
  const server = Deno.ppid;
  // Ctrl-C and a service manager signal the whole group: the server must still be able to drain.
  const signals: Deno.Signal[] = ["SIGINT", "SIGHUP"];
  if (Deno.build.os !== "windows") signals.push("SIGTERM");
  for (const signal of signals) Deno.addSignalListener(signal, () => {});

  let held = new Uint8Array(0);
  const chunk = new Uint8Array(65_536);
  async function read(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const parts = [held];
    let size = held.length;
    while (size < count) {
      const got = await Deno.stdin.read(chunk);
      if (got === null) end();
      else {
        parts.push(chunk.slice(0, got));
        size += got;
      }
    }
    const all = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    held = all.slice(count);
    return all.slice(0, count);
  }
  async function readFrame(): Promise<Uint8Array<ArrayBuffer>> {
    const length = await read(4);
    return await read(new DataView(length.buffer).getUint32(0));
  }

  const nonce = await read(nonceBytes);
  const settings = JSON.parse(new TextDecoder().decode(await readFrame())) as SupervisorSettings;

  let written = Promise.resolve();
  let ending = false;

  /** Never waits: a command may put a pipe in the place of this one that nobody reads. */
  function write(from: number, content: Uint8Array): void {
    const whole = new Uint8Array(4 + nonceBytes + 1 + content.length);
    new DataView(whole.buffer).setUint32(0, nonceBytes + 1 + content.length);
    whole.set(nonce, 4);
    whole[4 + nonceBytes] = from;
    whole.set(content, 4 + nonceBytes + 1);
    written = written.then(async () => {
      for (let at = 0; at < whole.length;) at += await Deno.stdout.write(whole.subarray(at));
    }).catch(end);
  }
  function endWith(message: FromSupervisor): void {
    if (ending) return;
    write(source.supervisor, encode(message));
    ending = true;
    written.then(end);
    setTimeout(end, lastWriteMs);
  }

  // However the command line came to be: more than was granted is no sandbox.
  for (const name of ["net", "env", "read", "write", "sys", "run", "ffi"] as const) {
    const { state } = Deno.permissions.querySync({ name });
    if (state !== "granted" || settings.granted.includes(name)) continue;
    return endWith({ type: "broken", reason: `it has the permission "${name}" ungranted` });
  }

  const blob = new Blob([settings.worker], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
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
      return write(source.worker, data);
    }
    endWith({ type: "broken", reason: "it sent what is no frame" });
  };
  worker.onmessageerror = () => endWith({ type: "broken", reason: "it sent what cannot be read" });
  worker.onerror = (event) => {
    event.preventDefault();
    endWith({ type: "broken", reason: event.message.slice(0, 1_000) });
  };
  setInterval(() => {
    // Its standard input may be another one by now: the system gives an orphan another parent.
    if (Deno.ppid !== server) end();
    const { rss } = Deno.memoryUsage();
    // Deno's result where it could not read it: every descriptor is taken.
    if (rss === 0) return endWith({ type: "broken", reason: "its memory cannot be looked at" });
    const used = rss - start;
    if (used > settings.memoryBytes) endWith({ type: "memory", used });
  }, checkMs);
  while (true) {
    const frame = await readFrame();
    worker.postMessage(frame, [frame.buffer]);
  }
}
