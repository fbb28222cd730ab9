/**
 * Stands between a client and a broker, and keeps the broker's answers.
 *
 * @module
 */
import { FrameCollector } from "../../../src/transport/kafka/frame_collector.ts";
import { capVersions, framed } from "./frames.ts";

/** Keeps the answers of the connections that go through it, one connection at a time. */
export class RecordingProxy implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #broker: Deno.ConnectOptions;
  readonly #caps: ReadonlyMap<number, number>;
  /** The answers so far, without their lengths. */
  readonly answers: Uint8Array[] = [];

  /**
   * Listens.
   *
   * @param broker Where the broker listens.
   * @param caps Highest versions that the broker seems to have, by the numbers of requests.
   */
  constructor(broker: Deno.ConnectOptions, caps: ReadonlyMap<number, number> = new Map()) {
    this.#broker = broker;
    this.#caps = caps;
    void this.#accept();
  }

  /** Where it listens. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const broker = await Deno.connect(this.#broker);
      const frames = new FrameCollector(10_000_000);
      const answers = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          for (const frame of frames.push(chunk)) {
            const answer = this.answers.length === 0 ? capVersions(frame, this.#caps) : frame;
            this.answers.push(answer.slice());
            controller.enqueue(framed(answer));
          }
        },
      });
      const ended = { preventAbort: true, preventCancel: true };
      // A connection that one side resets is over for both; what was answered before it counts.
      await Promise.allSettled([
        client.readable.pipeTo(broker.writable, ended).finally(() => broker.closeWrite()),
        broker.readable.pipeThrough(answers).pipeTo(client.writable, ended),
      ]);
    }
  }
}
