/**
 * The supervisor: the main thread of a child process, whose one worker runs the
 * commands. It stays awake whatever the worker does, so that a command that
 * never yields neither outlives the server nor takes more memory than it may.
 *
 * @module
 */
import type { createFraming } from "./messages.ts";

/** What a supervisor is told before anything else. */
export interface SupervisorSettings {
  /** Most bytes of resident memory beyond what a child has at its start. */
  readonly memoryBytes: number;
  /** Source of the worker. */
  readonly worker: string;
}

/** How often the memory of a child is looked at, in milliseconds. */
const MEMORY_CHECK_MS = 25;

/** Bytes of the secret that every frame of a child begins with. */
export const NONCE_BYTES = 16;

/**
 * Gives the source of the main module of a child.
 *
 * On standard input it reads the nonce, then frames: a length of four bytes
 * and as many bytes. The first is its settings as JSON, the others go to the
 * worker as they are. On standard output it writes frames that begin with the
 * nonce. The end of standard input is the end of the server: it ends itself.
 *
 * @param framing Source of the function that makes a framing.
 * @returns JavaScript of a module, small enough for a command line.
 */
export function supervisorSource(framing: typeof createFraming): string {
  return `(${insideProcess})(${framing}, ${NONCE_BYTES}, ${MEMORY_CHECK_MS});`;
}

/** Runs in the child. It sees its parameters and the globals, nothing of this file. */
async function insideProcess(
  newFraming: typeof createFraming,
  nonceBytes: number,
  checkMs: number,
): Promise<void> {
  const { encode } = newFraming();
  const start = Deno.memoryUsage().rss;
  // Not Deno.exit: it waits for threads, and a worker that never yields never ends.
  const end = () => Deno.kill(Deno.pid, "SIGKILL");
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

  function write(frame: Uint8Array): void {
    const whole = new Uint8Array(4 + nonceBytes + frame.length);
    new DataView(whole.buffer).setUint32(0, nonceBytes + frame.length);
    whole.set(nonce, 4);
    whole.set(frame, 4 + nonceBytes);
    for (let at = 0; at < whole.length;) at += Deno.stdout.writeSync(whole.subarray(at));
  }

  const blob = new Blob([settings.worker], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data instanceof Uint8Array) write(data);
    else end();
  };
  worker.onmessageerror = end;
  worker.onerror = (event) => {
    event.preventDefault();
    write(encode({ type: "broken", reason: event.message }));
  };
  setInterval(() => {
    const used = Deno.memoryUsage().rss - start;
    if (used <= settings.memoryBytes) return;
    write(encode({ type: "memory", used }));
    end();
  }, checkMs);
  while (true) {
    const frame = await readFrame();
    worker.postMessage(frame, [frame.buffer]);
  }
}
