/**
 * Starts contestants on topics of their own.
 *
 * @module
 */
import { LineProcess } from "../../tools/line_process.ts";
import { type Admin, Kafka, logLevel } from "../../tools/quiet_kafkajs.ts";
import { removeTopics, scratchTopic } from "../../tools/scratch_topics.ts";
import { Lane, type Program } from "./lane.ts";
import type { LanePart } from "./lane_process.ts";

/** Numbers of partitions. */
export interface Partitions {
  readonly commands: number;
  readonly results: number;
}

/** What a run has. */
export interface Place {
  /** Addresses of Kafka. */
  readonly brokers: readonly string[];
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Gets what is to be ended with the section. */
  readonly parts: AsyncDisposableStack;
}

/** A contestant to be started. */
export interface LanePlan {
  /** Name of the contestant. */
  readonly contestant: string;
  /** Name in the table. Default: that of the contestant. */
  readonly name?: string;
  /** Programs that answer beside the one that calls; 0: that one answers too. Default: 0. */
  readonly servers?: number;
  /** Default: 1. */
  readonly clients?: number;
  /** Where its requests go. Default: a new topic. */
  readonly topic?: string;
  readonly payloadBytes?: number;
  /** Of topics that are made before. Default: the contestant makes them. */
  readonly partitions?: Partitions;
  /** Variables of its programs' environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A raw loop uses no more: as many commands as this package has by default, one for replies. */
export const RAW_PARTITIONS: Partitions = { commands: 4, results: 1 };

/** How long a broker may take to hear of a new topic, in milliseconds. */
const KNOWN_MS = 10_000;

async function areKnown(admin: Admin, topics: string[]): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics });
    return true;
  } catch (error) {
    const { type } = error as { type?: unknown };
    if (type === "UNKNOWN_TOPIC_OR_PARTITION") return false;
    throw error;
  }
}

/** Makes both topics. */
async function createTopics(
  brokers: readonly string[],
  { commands: topic, results: repliesTopic }: { commands: string; results: string },
  { commands, results }: Partitions,
): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = [
      { topic, numPartitions: commands },
      { topic: repliesTopic, numPartitions: results },
    ];
    await admin.createTopics({ topics, waitForLeaders: false });
    // Its own wait fails where a broker has not heard yet of a topic that was just created.
    const deadline = performance.now() + KNOWN_MS;
    while (!await areKnown(admin, topics.map(({ topic }) => topic))) {
      if (performance.now() > deadline) throw new Error(`${topic} is not known to the broker`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await admin.disconnect();
  }
}

const resultsOf = (topic: string) => `${topic}_results`;

/** A new topic that is removed after the section, as is that of its replies. */
export async function newTopic(
  place: Place,
  partitions?: Partitions,
  repliesOf: (topic: string) => string = resultsOf,
): Promise<string> {
  const topic = scratchTopic("bench");
  place.parts.defer(async () => void await removeTopics([...place.brokers], topic));
  if (partitions !== undefined) {
    const topics = { commands: topic, results: repliesOf(topic) };
    await createTopics(place.brokers, topics, partitions);
  }
  return topic;
}

/** Starts one contestant. */
export async function startLane(plan: LanePlan, place: Place): Promise<Lane> {
  const { contestant, name = contestant, servers = 0, clients = 1, payloadBytes, env } = plan;
  const isLoop = /^(raw loop|transport)/.test(contestant);
  const partitions = plan.partitions ?? (isLoop ? RAW_PARTITIONS : undefined);
  const topic = plan.topic ?? await newTopic(place, partitions);
  const program = (part: Pick<LanePart, "serves" | "clients">): Program => (signal) => {
    const setting = { brokers: place.brokers, topic, payloadBytes };
    const argument = JSON.stringify({ contestant, setting, ...part } satisfies LanePart);
    const flags = ["-A", "--no-prompt", "--v8-flags=--expose-gc"];
    const args = [...flags, "bench/lanes/lane_process.ts", argument];
    return LineProcess.ofProject(args, { signal, env });
  };
  const answering = Array.from({ length: servers }, () => program({ serves: true, clients: 0 }));
  const programs = [...answering, program({ serves: servers === 0, clients })];
  return place.parts.use(await Lane.start(name, programs, place.signal));
}

/** Starts contestants one after the other, so that none disturbs the start of another. */
export async function startLanes(plans: readonly LanePlan[], place: Place): Promise<Lane[]> {
  const lanes: Lane[] = [];
  for (const plan of plans) lanes.push(await startLane(plan, place));
  return lanes;
}
