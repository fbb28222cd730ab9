// The servers that answered a question about themselves.
import { clock } from "../async/clock.ts";
import type { ServerAnswers, ServerDetail } from "../wire/discovery.ts";
import type { RpcError } from "../wire/errors.ts";
import type { ExpectedServers } from "./expected_servers.ts";
import type { Reply } from "./results_stream.ts";
import { readAnswer } from "./server_answers.ts";

/** A server, as it says itself; `Detail` is what it was asked. */
export type DiscoveredServer<Detail extends ServerDetail = ServerDetail> = ServerAnswers[Detail] & {
  /** Milliseconds from the question to its answer. */
  readonly roundTripMs: number;
};

/** A server that refused to answer, or whose answer can't be read. */
export interface RefusingServer {
  /** Its id. */
  readonly server: string;
  /** Why. */
  readonly error: RpcError;
}

/** What `Client.servers` gives. */
export interface DiscoveredServers<Detail extends ServerDetail = ServerDetail> {
  /** Those that answered, by id. */
  readonly servers: readonly DiscoveredServer<Detail>[];
  /** Those that refused to, by id. */
  readonly refused: readonly RefusingServer[];
  /**
   * Ids of members of the group that did not answer; undefined where the members can't be found out.
   */
  readonly missing?: readonly string[] | undefined;
}

/** The answers to one question. */
export class FoundServers<Detail extends ServerDetail = ServerDetail> {
  readonly expected: ExpectedServers;
  readonly #detail: Detail;
  readonly #askedAt = clock.now();
  readonly #servers: DiscoveredServer<Detail>[] = [];
  readonly #refused: RefusingServer[] = [];
  #came = Promise.withResolvers<void>();

  constructor(detail: Detail, expected: ExpectedServers) {
    this.#detail = detail;
    this.expected = expected;
  }

  add(reply: Reply): void {
    const { server = "" } = reply;
    if (!this.expected.answers(server)) return;
    const roundTripMs = clock.now() - this.#askedAt;
    try {
      this.#servers.push({ ...readAnswer(this.#detail, reply), roundTripMs });
    } catch (error) {
      this.#refused.push({ server, error: error as RpcError });
    }
    this.#came.resolve();
    this.#came = Promise.withResolvers();
  }

  /** Resolves when another server answers. */
  next(): Promise<void> {
    return this.#came.promise;
  }

  /** Throws where every server that answered refused to. */
  result(): DiscoveredServers<Detail> {
    const byId = (one: { server: string }, other: { server: string }) =>
      one.server < other.server ? -1 : 1;
    const [first] = this.#refused;
    if (this.#servers.length === 0 && first !== undefined) throw first.error;
    return {
      servers: this.#servers.sort(byId),
      refused: this.#refused.sort(byId),
      missing: this.expected.missing,
    };
  }
}
