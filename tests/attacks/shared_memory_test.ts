// The memory through which frames cross between a child's worker and its supervisor: what a worker
// that has it can do with it, and that no command has it.
import { assertEquals, assertNotEquals } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { FrameReader, framesOf } from "../../src/executor/frames.ts";
import { createMessageCodec, THREAD } from "../../src/executor/inside/messages.ts";
import { NONCE_BYTES, type SupervisorSettings } from "../../src/executor/inside/supervisor.ts";
import { LAYOUT } from "../../src/executor/inside/thread_channel.ts";
import { spawnChild } from "../../src/executor/spawn.ts";
import { within } from "../within.ts";
import { Arena } from "./arena.ts";

/** A child whose whole worker is hostile, from its first line. */
class HostileChild {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
  }

  /** `attack`: code that has the words of the direction out of the sandbox. */
  static async start(attack: string): Promise<HostileChild> {
    const child = new HostileChild(spawnChild(
      await childCommand({ permissions: {}, memoryMb: 96 }),
    ));
    const settings: SupervisorSettings = {
      memoryBytes: 96 * 1024 * 1024,
      frameBytes: 100_000,
      granted: [],
      worker: `onmessage = ({ data: [, memory] }) => {
        const words = new Int32Array(memory, 0, ${LAYOUT.direction / 4});
        const say = (length, tail) => {
          Atomics.store(words, ${LAYOUT.all}, length);
          Atomics.store(words, ${LAYOUT.tail}, tail);
          Atomics.notify(words, ${LAYOUT.tail});
        };
        ${attack}
      };`,
    };
    await child.#input.write(new Uint8Array(NONCE_BYTES));
    const bytes = new TextEncoder().encode(JSON.stringify(settings));
    await child.#input.write(framesOf([{ bytes }]));
    return child;
  }

  /** What its supervisor says before it ends it. */
  async lastWords(): Promise<unknown> {
    const reader = new FrameReader(new Uint8Array(NONCE_BYTES), 1_000_000);
    const words: unknown[] = [];
    for await (const chunk of this.#child.stdout) {
      reader.read(chunk, (frame) => {
        if (frame[0] !== THREAD.supervisor) return;
        words.push(createMessageCodec().decode(frame.subarray(1)));
      });
    }
    await this.#end();
    return words[0];
  }

  /** Ends its standard input, as the end of the server does. */
  async hangUp(): Promise<void> {
    await this.#input.close();
    await within(this.#child.status, "the end of the child");
    await this.#child.stdout.cancel();
    await this.#child.stderr.cancel();
  }

  async #end(): Promise<void> {
    await this.#child.stderr.cancel();
    await this.#child.status;
    await this.#input.abort().catch(() => {});
  }
}

for (
  const [what, attack] of [
    ["a frame that is longer than what was written", "say(1_000, 8)"],
    ["a frame of four gigabytes", "say(-1, 8)"],
    ["more bytes than the memory has", `say(0, ${LAYOUT.capacity + 4})`],
    ["a number of bytes below zero", "say(0, -4)"],
  ] as const
) {
  Deno.test(`a worker that writes ${what} ends its child`, async () => {
    const child = await HostileChild.start(attack);
    const words = await within(child.lastWords(), "the last words of the supervisor");
    assertEquals(words, { type: "broken", reason: "it wrote what is no frame", begun: 0 });
  });
}

/** Frames without end, as fast as they are taken: there is always another one. */
const flood = (also = "") =>
  `for (let tail = 4;; tail = (tail + 4) | 0) {
    while (Atomics.load(words, ${LAYOUT.head}) !== ((tail - 4) | 0));
    say(0, tail);
    ${also}
  }`;

Deno.test("a worker that writes without end does not keep its supervisor from the memory", async () => {
  const hoard = "if (tail % 4_096 === 0) all.push(new Uint8Array(1_000_000).fill(1));";
  const child = await HostileChild.start(`const all = []; ${flood(hoard)}`);
  const words = await within(child.lastWords(), "the last words of the supervisor");
  assertEquals((words as { type?: string } | undefined)?.type, "memory");
});

Deno.test("a worker that writes without end does not outlive the server", async () => {
  const child = await HostileChild.start(flood());
  await child.hangUp();
});

const module = new URL("./fixtures/watching.ts", import.meta.url);

Deno.test("no command gets the memory, whatever it puts in the place of the language's functions", async () => {
  await using arena = await Arena.open({ module, size: 1 });
  await arena.run(undefined, { command: "watch" });
  assertEquals(await arena.run(undefined, { command: "seen" }), "ok: 0");
});

Deno.test("a command that looks for such memory sees what there is", async () => {
  await using arena = await Arena.open({ module, size: 1 });
  await arena.run(undefined, { command: "watch" });
  await arena.run(undefined, { command: "share" });
  assertNotEquals(await arena.run(undefined, { command: "seen" }), "ok: 0");
});

Deno.test("a command that waits for memory of its own does not disturb its channel", async () => {
  await using arena = await Arena.open();
  const code = `const words = new Int32Array(new SharedArrayBuffer(4));
    const waits = Array.from({ length: 1_000 }, () => Atomics.waitAsync(words, 0, 0).value);
    Atomics.notify(words, 0);
    Promise.all(waits).then((all) => all.length)`;
  assertEquals(await arena.run(code), "ok: 1000");
});
