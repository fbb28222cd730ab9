/**
 * The clients of a simulation.
 *
 * @module
 */
import { type Client, connect } from "@kafka-rpc/deno";
import { Calls, type Outcome } from "./calls.ts";
import type { Streams } from "./streams.ts";
import type { World } from "./world.ts";

/** Connects programs that call. */
export class Clients {
  readonly #world: World;
  readonly #calls = new Calls();
  readonly #streams: Streams;
  readonly #open = new Map<Client, () => Promise<void>>();
  #started = 0;

  /**
   * Creates it, without a client.
   *
   * @param world Where.
   * @param streams What they take besides calls.
   */
  constructor(world: World, streams: Streams) {
    this.#world = world;
    this.#streams = streams;
  }

  /** What became of the calls. */
  get outcomes(): readonly Outcome[] {
    return this.#calls.outcomes;
  }

  /** How many calls were begun, or will be. */
  get expected(): number {
    return this.#calls.expected;
  }

  /** Calls that have not settled, as the clients have it. */
  get pending(): number {
    return [...this.#open.keys()].reduce((sum, { counts }) => sum + counts.pending, 0);
  }

  /**
   * Connects one more, which makes calls.
   *
   * @param count How many calls.
   * @param withinMs They begin within this time.
   * @param streams How many streams.
   * @returns Closes it; it is closed with the others otherwise.
   */
  async begin(count: number, withinMs: number, streams = 0): Promise<() => Promise<void>> {
    const { clock } = this.#world;
    const program = this.#world.begin(`client-${++this.#started}`);
    return await clock.as(program, async () => {
      const client = await connect({
        topic: "commands",
        createTopics: { partitions: 4 },
        connectTimeoutMs: 30_000,
        transport: this.#world.transport(program),
        logger: this.#world.log(program),
        retry: { attempts: 5 },
      });
      const close = () => clock.as(program, () => client.close());
      this.#open.set(client, close);
      const making = this.#calls.make(client, count, withinMs);
      if (streams > 0) await this.#streams.take(client, streams, withinMs);
      await making;
      return async () => {
        this.#open.delete(client);
        await close();
      };
    });
  }

  /** Closes those that are open. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((close) => close()));
  }
}
