/**
 * The command-line tool as an operator runs it: in a process of its own.
 *
 * @module
 */
import { launcherFlags } from "../../tools/line_process.ts";

/** Where it runs. */
export interface ToolPlace {
  /** Addresses of Kafka. */
  readonly brokers: readonly string[];
  /** Ends it. */
  readonly signal: AbortSignal;
}

function commandOf(args: readonly string[], place: ToolPlace): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...launcherFlags() ?? [], "-A", "src/cli/main.ts", ...args, "--json"],
    cwd: new URL("../..", import.meta.url),
    env: { KAFKA_BROKERS: place.brokers.join(",") },
    signal: place.signal,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs it with `--json`: seconds from its start to its end, and the value that it printed. */
export async function runTool(
  args: readonly string[],
  place: ToolPlace,
): Promise<{ readonly seconds: number; readonly value: Record<string, unknown> }> {
  const began = performance.now();
  const { code, stdout, stderr } = await commandOf(args, place).output();
  const seconds = (performance.now() - began) / 1_000;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) {
    throw new Error(`rpc ${args.join(" ")} ended with exit code ${code}: ${text(stderr)}`);
  }
  return { seconds, value: JSON.parse(text(stdout)) };
}

const LINE_FEED = 10;
const LOOK_AGAIN_MS = 10;

/** `rpc tail`, whose lines are counted: to read them would take the time that is measured. */
export class CountedTail implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  readonly #signal: AbortSignal;
  /** Lines so far. */
  lines = 0;
  /** When the latest came, by `performance.now()`. */
  latestAt = 0;

  private constructor(child: Deno.ChildProcess, signal: AbortSignal) {
    this.#child = child;
    this.#signal = signal;
    this.#read = this.#count();
  }

  /** Starts it; what is sent from then on it shows. */
  static async start(topic: string, place: ToolPlace): Promise<CountedTail> {
    const child = commandOf(["tail", "--topic", topic], place).spawn();
    // It says so once it knows where the topics end.
    const errors = child.stderr.getReader();
    const { done } = await errors.read();
    if (done) throw new Error("rpc tail has ended at its start");
    const tail = new CountedTail(child, place.signal);
    errors.releaseLock();
    return tail;
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Waits until so many lines have come, and at most so long. */
  async until(lines: number, milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (this.lines < lines && performance.now() < end) {
      this.#signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  async #count(): Promise<void> {
    for await (const chunk of this.#child.stdout) {
      for (const byte of chunk) if (byte === LINE_FEED) this.lines++;
      this.latestAt = performance.now();
    }
  }

  /** Ends it as Ctrl-C does. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGINT");
    } catch (error) {
      // Deno's way to say that it has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
    await Promise.all([this.#read, this.#child.stderr.cancel(), this.#child.status]);
  }
}
