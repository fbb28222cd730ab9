/**
 * What is known of a cluster: its brokers, our topics, coordinators.
 *
 * @module
 */
import type { Lane } from "./lane.ts";
import type { Api } from "./port.ts";

/** Partitions of a topic as of lately. */
export interface TopicMetadata {
  readonly topic: string;
  /** In order. `leader` −1: none. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly error: number;
  }[];
}

/** How to look something up. */
export interface LookUpOptions {
  /** Ends the wait; it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Asks the cluster, whatever is known. */
  readonly fresh?: boolean | undefined;
  /** The request that it is for: it decides which right a failure names. */
  readonly purpose?: Api | undefined;
}

/** A cluster. */
export interface Cluster {
  /** Opens connections for a purpose. */
  lane(): Lane;
  /**
   * Gives the partitions of a topic and their leaders.
   *
   * @throws {KafkaFailure} For an error code of the topic.
   */
  topic(name: string, options: LookUpOptions): Promise<TopicMetadata>;
  /** Leaders of this topic are not where they were; the next look asks the cluster. */
  forgetTopic(name: string): void;
  /**
   * Gives the node id of a group's coordinator.
   *
   * @throws {KafkaFailure} For an error code of the group.
   */
  coordinator(group: string, options: LookUpOptions): Promise<number>;
  /** The coordinator is not where it was; the next look asks the cluster. */
  forgetCoordinator(group: string): void;
  /** Ends everything. */
  close(): void;
}
