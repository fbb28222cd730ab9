// How many partitions topics are created with.
import type { TopicOptions } from "./connection_options.ts";
import type { TopicSpec } from "./transport.ts";

/** What a topic carries. */
export type TopicRole = "commands" | "results" | "control" | "deadLetters";

/** A topic by its name, undefined where it is not used, and what it carries. */
export type NamedTopic = readonly [topic: string | undefined, role: TopicRole];

/**
 * Partitions by default; docs/operations.md has the figures of `bench/sections/crowd.ts` behind them.
 *
 * Commands: servers share them, 4 evenly among 1, 2 and 4. More are not free: the calls of one
 * client go in as many smaller batches.
 * Results: each client reads one of them, and passes the replies of all others on it.
 * Control: every server reads all of it, and what is on it is rare.
 * Dead letters: rare as well, and a person reads them in the order in which they came.
 */
const DEFAULT_PARTITIONS: Readonly<Record<TopicRole, number>> = {
  commands: 4,
  results: 32,
  control: 1,
  deadLetters: 1,
};

/** The shape that a topic is created with. */
export function topicShape(role: TopicRole, options: TopicOptions): Omit<TopicSpec, "topic"> {
  const { partitions, resultsPartitions, replicationFactor } = options;
  const asked: Partial<Record<TopicRole, number | undefined>> = {
    commands: partitions,
    results: resultsPartitions ?? partitions,
  };
  return { partitions: asked[role] ?? DEFAULT_PARTITIONS[role], replicationFactor };
}
