/**
 * Calls to every server, one after the other, while something breaks, and what became of each.
 *
 * @module
 */
import { type Client, connect, RpcError, silentLogger } from "@kafka-rpc/deno";
import { libraryUnderTest } from "../library_under_test.ts";
import type { Scene } from "./row.ts";
import { answerTo, type Gathered } from "./work.ts";
import { GRACE_MS } from "./load.ts";

/** Milliseconds that each call to every server may take. */
const TIMEOUT_MS = 4_000;

/** What became of one call to every server. All times are `performance.now()`. */
interface GatherOutcome {
  /** `ok`, or the code of its error. */
  readonly status: string;
  /** Servers that answered. */
  readonly servers: readonly string[];
  /** Replies that were wrong, of an error, or the second one of a server. */
  readonly wrong: number;
  readonly begunAt: number;
  readonly endedAt: number;
  readonly message: string;
}

/** Calls to every server on a client of their own, from the start to `settled`. */
export class GatherLoad {
  readonly #scene: Scene;
  readonly #outcomes: GatherOutcome[] = [];
  readonly #ended: Promise<void>;
  #isOver = false;

  /** Begins to call. */
  constructor(scene: Scene) {
    this.#scene = scene;
    this.#ended = this.#run();
  }

  /** Waits until so many servers have answered a call that began after a time. */
  answered(servers: number, after: number): Promise<boolean> {
    const met = () =>
      this.#outcomes.some((one) => one.begunAt >= after && one.servers.length === servers);
    return this.#scene.load.until(met, 40_000);
  }

  /** Ends, says what became of all, and finds what is wrong with it; `excused`: codes of errors. */
  async settled(excused: readonly string[]): Promise<void> {
    this.#isOver = true;
    await this.#ended;
    const { notes, faults } = this.#scene;
    const all = this.#outcomes;
    const count = (of: (outcome: GatherOutcome) => string | number) =>
      [...Map.groupBy(all, of)].map(([key, { length }]) => `${key}: ${length}`).join(", ");
    const replies = count(({ servers }) => servers.length);
    notes.push(`calls to all: ${count(({ status }) => status)}; by replies ${replies}`);
    const wrong = all.reduce((sum, one) => sum + one.wrong, 0);
    if (wrong > 0) faults.push(`${wrong} replies to calls to all were wrong or came twice`);
    const late = all.filter((one) => one.endedAt - one.begunAt > TIMEOUT_MS + GRACE_MS);
    if (late.length > 0) faults.push(`${late.length} calls to all ended too late`);
    const other = all.find(({ status }) => status !== "ok" && !excused.includes(status));
    if (other !== undefined) {
      faults.push(`a call to all ended with ${other.status}: ${other.message}`);
    }
  }

  async #run(): Promise<void> {
    const { brokers, topic } = this.#scene;
    await using client: Client = await connect({
      brokers,
      topic,
      library: libraryUnderTest,
      clientId: "gathers",
      logger: silentLogger,
    });
    for (let n = 0; !this.#isOver; n++) this.#outcomes.push(await this.#gather(client, n));
  }

  async #gather(client: Client, n: number): Promise<GatherOutcome> {
    const text = `gather-${n}-${crypto.randomUUID()}`;
    const input: Gathered = { call: `gather-${n}`, text };
    const begunAt = performance.now();
    const servers: string[] = [];
    let wrong = 0;
    const ended = (status: string, message: string) => {
      return { status, servers, wrong, begunAt, endedAt: performance.now(), message };
    };
    try {
      const replies = client.callMany("gather", input, { timeoutMs: TIMEOUT_MS });
      for await (const { server, value } of replies) {
        if (value !== answerTo(text) || servers.includes(server)) wrong++;
        servers.push(server);
      }
      return ended("ok", "");
    } catch (error) {
      if (!(error instanceof RpcError)) return ended("untyped", String(error));
      return ended(error.code, error.message);
    }
  }
}
