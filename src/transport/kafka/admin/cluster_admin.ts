// Asks a cluster what an operator wants to know: each question once, at one broker, and its failure
// is the answer. Connections that last, and trying again, are for those who call and serve.
import { withDeadline } from "../../../async/deadline.ts";
import { silentLogger } from "../../../logging/logger.ts";
import { DEFAULT_CLIENT_ID } from "../../../options/defaults.ts";
import { brokerAddress, brokerList } from "../../brokers.ts";
import type { ConnectionOptions } from "../../connection_options.ts";
import { Credentials } from "../credentials.ts";
import { throwFailure } from "../errors.ts";
import { kafkajs } from "../kafkajs/protocol.ts";
import { openConnection } from "../library.ts";
import type { LibraryConnection, Question } from "../library_connection.ts";
import type { Answers, BrokerAddress, Requests } from "../port.ts";
import {
  type ClusterDescription,
  describeGroup,
  describeSettings,
  describeTopics,
  type GroupDescription,
  type TopicSettings,
} from "./questions.ts";

export class ClusterAdmin implements Disposable {
  readonly #options: ConnectionOptions;
  readonly #credentials: Credentials;
  readonly #connections = new Map<string, Promise<LibraryConnection>>();
  readonly bootstrap: readonly BrokerAddress[];

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#credentials = new Credentials(options, silentLogger);
    this.bootstrap = brokerList(options.brokers).map(brokerAddress);
  }

  /**
   * Gives the connection to a broker; it is opened where there is none.
   *
   * @throws {ConnectionFailed} With the kind of what ended it; the signal's reason once it aborts.
   */
  open(address: BrokerAddress, signal: AbortSignal): Promise<LibraryConnection> {
    const key = `${address.host} ${address.port}`;
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const opening = this.#open(address, signal);
    this.#connections.set(key, opening);
    return opening;
  }

  async #open(address: BrokerAddress, signal: AbortSignal): Promise<LibraryConnection> {
    const { clientId = DEFAULT_CLIENT_ID } = this.#options;
    const login = await this.#credentials.ask(signal);
    const options = { clientId, ...login, background: true, signal };
    return await openConnection(kafkajs, address, options);
  }

  /** Opens the first of the bootstrap brokers that answers; rejects as the first one did. */
  async any(signal: AbortSignal): Promise<LibraryConnection> {
    const opening = this.bootstrap.map((address) => this.open(address, signal));
    try {
      return await Promise.any(opening);
    } catch {
      return await opening[0]!; // rejects with its own failure
    }
  }

  async topics(names: readonly string[], signal: AbortSignal): Promise<ClusterDescription> {
    return await this.#ask(await this.any(signal), describeTopics(names), signal);
  }

  async settings(
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly TopicSettings[]> {
    return await this.#ask(await this.any(signal), describeSettings(topics), signal);
  }

  async group(name: string, signal: AbortSignal): Promise<GroupDescription> {
    return await this.#ask(await this.#coordinator(name, signal), describeGroup(name), signal);
  }

  /** Offsets that a group has committed, by partition; none where it has not. */
  async committed(
    group: string,
    { topic, partitions }: { readonly topic: string; readonly partitions: readonly number[] },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, bigint>> {
    const coordinator = await this.#coordinator(group, signal);
    const request = { group, partitions: partitions.map((partition) => ({ topic, partition })) };
    const answer = await this.#send(coordinator, "OffsetFetch", request, signal);
    for (const item of [answer, ...answer.partitions]) {
      throwFailure("DescribeGroups", `group ${group}`, item);
    }
    const known = answer.partitions.filter(({ offset }) => offset >= 0n);
    return new Map(known.map(({ partition, offset }) => [partition, offset]));
  }

  async #coordinator(group: string, signal: AbortSignal): Promise<LibraryConnection> {
    const any = await this.any(signal);
    const found = await this.#send(any, "FindCoordinator", { group }, signal);
    throwFailure("DescribeGroups", `group ${group}`, found);
    return await this.open({ host: found.host, port: found.port }, signal);
  }

  #ask<T>(at: LibraryConnection, question: Question<T>, signal: AbortSignal): Promise<T> {
    return withDeadline(at.ask(question), { signal });
  }

  #send<A extends "OffsetFetch" | "FindCoordinator">(
    at: LibraryConnection,
    api: A,
    request: Requests[A],
    signal: AbortSignal,
  ): Promise<Answers[A]> {
    return withDeadline(at.send(api, request), { signal });
  }

  [Symbol.dispose](): void {
    for (const opening of this.#connections.values()) {
      // One that could not be opened has nothing to close.
      opening.then((connection) => connection.close(), () => undefined);
    }
  }
}
