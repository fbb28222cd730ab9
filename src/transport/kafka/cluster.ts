// What is known of a cluster: its brokers, our topics, coordinators.
import { clock } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import type { Logger } from "../../logging/logger.ts";
import { LEADER_NOT_AVAILABLE, UNKNOWN_TOPIC } from "./error_codes.ts";
import { KafkaFailure, throwFailure } from "./errors.ts";
import { type Brokers, Lane, type LaneParts } from "./lane.ts";
import { type Answers, type Api, type BrokerAddress, ConnectionFailed } from "./port.ts";

/** Older metadata is asked for again; partitions that are added are found after this time. */
const METADATA_MS = 3_000;

export interface TransportParts {
  readonly cluster: Cluster;
  readonly logger: Logger;
  readonly maxUnpackedBytes?: number | undefined;
  /** Ends what starts, and what waits. */
  readonly closing: AbortSignal;
}

/** A topic as of lately: its partitions in order, with −1 where one has no leader. */
export type TopicMetadata = Answers["Metadata"]["topics"][number];

/** Thousands of records may ask for one leader at a time, and each error has a stack. */
const leaderless = new WeakMap<object, KafkaFailure>();

/** Finds the node id of a partition's leader; it throws where none is. */
export function leaderOf({ topic, partitions }: TopicMetadata, partition: number): number {
  // In order, and nearly always without a gap: each record that is produced looks one up.
  const at = partitions[partition];
  const found = at?.partition === partition
    ? at
    : partitions.find((one) => one.partition === partition);
  if (found !== undefined && found.leader >= 0) return found.leader;
  const known = found && leaderless.get(found);
  if (known !== undefined) throw known;
  const error = found === undefined ? UNKNOWN_TOPIC : found.error || LEADER_NOT_AVAILABLE;
  const failure = new KafkaFailure("Metadata", `topic ${topic}[${partition}]`, { error });
  if (found !== undefined) leaderless.set(found, failure);
  throw failure;
}

interface LookUpOptions {
  /** Ends the wait; it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Asks the cluster, whatever is known. */
  readonly fresh?: boolean | undefined;
  /** The request that it is for: it decides which right a failure names. */
  readonly purpose?: Api | undefined;
}

type ClustersOwn = "brokers" | "firstAddresses" | "onClose" | "onSilence";

export interface ClusterParts extends Omit<LaneParts, ClustersOwn> {
  /** Brokers to ask while no other is known, or none of those answers. */
  readonly bootstrap: readonly BrokerAddress[];
}

/** A cluster. Only our own topics are asked about. */
export class Cluster implements Brokers {
  readonly #parts: ClusterParts;
  readonly #lanes = new Set<Lane>();
  readonly #firstAddresses = new Map<string, number>();
  readonly #closing = new AbortController();
  #nodes = new Map<number, BrokerAddress>();
  #controller = -1;
  /** Its id, once it is known. */
  id: string | undefined;
  readonly #topics = new Map<string, { readonly at: number; readonly item: TopicMetadata }>();
  readonly #coordinators = new Map<string, number>();
  /** Questions in flight: who asks the same meanwhile shares the answer. */
  readonly #asking = new Map<string, Promise<unknown>>();
  /** For questions that are answered at once. */
  readonly questions: Lane;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.questions = this.lane();
  }

  lane(): Lane {
    const lane: Lane = new Lane({
      ...this.#parts,
      brokers: this,
      firstAddresses: this.#firstAddresses,
      onClose: () => this.#lanes.delete(lane),
      onSilence: (address, since) => {
        for (const lane of this.#lanes) lane.doubt(address, since);
      },
    });
    this.#lanes.add(lane);
    return lane;
  }

  candidates(): readonly BrokerAddress[] {
    const { bootstrap } = this.#parts;
    const known = [...this.#nodes.values()];
    const others = bootstrap.filter(({ host, port }) =>
      !known.some((node) => node.host === host && node.port === port)
    );
    return [...rotated(known), ...rotated(others)];
  }

  async addressOf(nodeId: number, signal: AbortSignal): Promise<BrokerAddress> {
    if (!this.#nodes.has(nodeId)) await this.metadata([], signal);
    const address = this.#nodes.get(nodeId);
    if (address !== undefined) return address;
    throw new ConnectionFailed("network", `broker ${nodeId} is not in the cluster just now`);
  }

  /** Broker that creates topics; any one where none is known. */
  get controller(): number | "any" {
    return this.#controller === -1 ? "any" : this.#controller;
  }

  /** Asks any broker about topics, by name only: others must not matter. */
  async metadata(
    names: readonly string[],
    signal: AbortSignal,
    { rights = false }: { readonly rights?: boolean } = {},
  ): Promise<Answers["Metadata"]> {
    const askedAt = clock.now();
    const request = { topics: names, rights };
    const answer = await this.questions.send("any", "Metadata", request, { signal });
    if (answer.brokers.length > 0) {
      this.#nodes = new Map(answer.brokers.map((node) => [node.nodeId, node]));
    }
    this.#controller = answer.controllerId;
    this.id = answer.clusterId ?? this.id;
    const topics = answer.topics.map((item) => {
      return { ...item, partitions: item.partitions.toSorted((a, b) => a.partition - b.partition) };
    });
    for (const item of topics) {
      if (item.error === 0) this.#topics.set(item.topic, { at: askedAt, item });
      else this.#topics.delete(item.topic);
    }
    return { ...answer, topics };
  }

  /** Gives a topic that exists. */
  async topic(name: string, options: LookUpOptions): Promise<TopicMetadata> {
    const { signal, fresh = false, purpose = "Metadata" } = options;
    const known = fresh ? undefined : this.knownTopic(name);
    if (known !== undefined) return known;
    const item = await withDeadline(this.#look(name), { signal });
    throwFailure(purpose, `topic ${name}`, item);
    return item;
  }

  /**
   * Gives a topic that was asked for before. What is older than three seconds is renewed in the
   * background.
   */
  knownTopic(name: string): TopicMetadata | undefined {
    const known = this.#topics.get(name);
    if (known !== undefined && clock.now() - known.at > METADATA_MS) {
      // A caller that needs what has changed meets a failure of its own, and asks for it.
      this.#look(name).catch(() => undefined);
    }
    return known?.item;
  }

  #look(name: string): Promise<TopicMetadata> {
    return this.#once(`topic ${name}`, async () => {
      const { topics } = await this.metadata([name], this.#closing.signal);
      return topics.find(({ topic }) => topic === name) ??
        { topic: name, error: UNKNOWN_TOPIC, partitions: [] };
    });
  }

  /** Leaders of this topic are not where they were; the next look asks the cluster. */
  forgetTopic(name: string): void {
    this.#topics.delete(name);
  }

  /** Gives the node id of a group's coordinator. */
  async coordinator(group: string, options: LookUpOptions): Promise<number> {
    const { signal, purpose = "FindCoordinator" } = options;
    const known = this.#coordinators.get(group);
    if (known !== undefined) return known;
    const found = await withDeadline(this.#find(group), { signal });
    throwFailure(purpose, `group ${group}`, found);
    return found.nodeId;
  }

  #find(group: string): Promise<Answers["FindCoordinator"]> {
    return this.#once(`group ${group}`, async () => {
      const { signal } = this.#closing;
      const found = await this.questions.send("any", "FindCoordinator", { group }, { signal });
      if (found.error === 0) {
        this.#nodes.set(found.nodeId, { host: found.host, port: found.port });
        this.#coordinators.set(group, found.nodeId);
      }
      return found;
    });
  }

  /** The coordinator is not where it was; the next look asks the cluster. */
  forgetCoordinator(group: string): void {
    this.#coordinators.delete(group);
  }

  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const asking = this.#asking.get(key) as Promise<T> | undefined;
    if (asking !== undefined) return asking;
    const asked = ask().finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  close(): void {
    this.#closing.abort(new ConnectionFailed("closed", "this side has closed"));
    for (const lane of this.#lanes) lane.close();
  }
}

/** The same list from another place on, by chance: no broker is asked by all. */
function rotated<T>(list: readonly T[]): T[] {
  const from = Math.floor(clock.random() * list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}
