/**
 * The hops of a sandbox with nothing else in them: what a round trip takes that Deno's pipes and
 * messages between threads make.
 *
 * @module
 */

/** Bytes there and back: about a job and its result. */
const BYTES = 200;

/** Sends the bytes; resolves when they are back. */
export type Echo = () => Promise<unknown>;

const WORKER = "self.onmessage = ({ data }) => self.postMessage(data);";
const READ = `const chunk = new Uint8Array(65_536);
  for (let read; (read = await Deno.stdin.read(chunk)) !== null;) `;
/** As the supervisor of a child reads and writes. */
const CHILD = `${READ} await Deno.stdout.write(chunk.slice(0, read));`;
const CHILD_WITH_WORKER = `const blob = new Blob([${
  JSON.stringify(WORKER)
}], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
  worker.onmessage = ({ data }) => Deno.stdout.write(data);
  ${READ} worker.postMessage(chunk.slice(0, read));`;

function worker(parts: AsyncDisposableStack): Echo {
  const blob = new Blob([WORKER], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  const started = new Worker(url, { type: "module" });
  parts.defer(() => {
    started.terminate();
    URL.revokeObjectURL(url);
  });
  return () =>
    new Promise((resolve, reject) => {
      started.onmessage = resolve;
      started.onerror = ({ message }) => reject(new Error(message));
      started.postMessage(new Uint8Array(BYTES));
    });
}

function child(source: string, parts: AsyncDisposableStack): Echo {
  const main = `data:text/javascript,${encodeURIComponent(source)}`;
  const started = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", main],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = started.stdin.getWriter();
  const reader = started.stdout.getReader();
  parts.defer(async () => {
    started.kill("SIGKILL");
    await started.status;
    await Promise.all([writer.abort(), reader.cancel()]);
  });
  const readAll = async () => {
    for (let missing = BYTES; missing > 0;) {
      const { value } = await reader.read();
      if (value === undefined) throw new Error("the child of an echo has ended");
      missing -= value.length;
    }
  };
  return () => Promise.all([writer.write(new Uint8Array(BYTES)), readAll()]);
}

/** Starts one of each kind; they end with `parts`. */
export function startEchoes(parts: AsyncDisposableStack): Record<string, Echo> {
  return {
    "echo of a worker": worker(parts),
    "echo of a child": child(CHILD, parts),
    "echo of a child with a worker": child(CHILD_WITH_WORKER, parts),
  };
}
