// Topics that must be there before work begins.
import { RpcError } from "../../wire/errors.ts";
import type { Bounds, TopicSpec } from "../transport.ts";
import type { TransportParts } from "./cluster.ts";
import { LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC } from "./error_codes.ts";
import { KafkaFailure, throwFailure } from "./errors.ts";
import type { Operation } from "./operations.ts";
import type { Item } from "./port.ts";
import { untilStarted } from "./start.ts";

/** How long the brokers may take to create topics before they say so. */
const CREATE_MS = 5_000;
const COUNT_MS = 5_000;

const ALREADY_EXISTS = 36;

export interface TopicsParts extends TransportParts {
  /** For texts. */
  readonly address: string;
  readonly onFailure: (failure: unknown) => void;
}

export async function ensureTopics(
  parts: TopicsParts,
  topics: readonly TopicSpec[],
  options: Bounds & { readonly create: boolean },
): Promise<void> {
  const { cluster, closing, onFailure } = parts;
  const names = topics.map(({ topic }) => topic);
  const created = new Set<string>();
  await untilStarted(async (signal) => {
    const found = (await cluster.metadata(names, signal, { rights: true })).topics;
    const missing = topics.filter((spec) => {
      const item = found.find(({ topic }) => topic === spec.topic) ?? { error: UNKNOWN_TOPIC };
      if (item.error !== UNKNOWN_TOPIC) checkRights(spec, item);
      return item.error === UNKNOWN_TOPIC;
    });
    if (missing.length > 0 && !options.create) throw notThere(missing, parts.address);
    const wanted = missing.filter(({ topic }) => !created.has(topic));
    if (wanted.length > 0) {
      await create(parts, wanted, signal);
      for (const { topic } of wanted) created.add(topic);
      parts.logger.info("topics created", { topics: wanted.map(({ topic }) => topic).join(", ") });
    }
    for (const { topic } of missing) {
      throw new KafkaFailure("Metadata", `topic ${topic}`, { error: UNKNOWN_TOPIC });
    }
    for (const { topic, partitions } of found) {
      if (!created.has(topic) || partitions.every(({ leader }) => leader >= 0)) continue;
      throw new KafkaFailure("Metadata", `topic ${topic}`, { error: LEADER_NOT_AVAILABLE });
    }
  }, {
    ...options,
    what: `use the topics ${names.join(", ")}`,
    closing,
    onFailure,
  });
}

/** The request that a right is for. */
const REQUESTS = { Read: "Fetch", Write: "Produce" } as const;

/**
 * Whether a topic may be seen at all is the first that a cluster says; it follows from the right that
 * is really missing. The others would be missed later: a server's Write by its first reply.
 */
function checkRights(
  { topic, rights = [] }: TopicSpec,
  item: Item & { readonly rights?: readonly Operation[] | undefined },
): void {
  const resource = `topic ${topic}`;
  const [first] = rights;
  throwFailure(first === undefined ? "Metadata" : REQUESTS[first], resource, item);
  const missing = rights.find((right) => item.rights?.includes(right) === false);
  if (missing === undefined) return;
  throw new KafkaFailure(REQUESTS[missing], resource, { error: TOPIC_AUTHORIZATION_FAILED });
}

async function create(
  { cluster }: TopicsParts,
  topics: readonly TopicSpec[],
  signal: AbortSignal,
): Promise<void> {
  const { questions, controller } = cluster;
  const answer = await questions.send(controller, "CreateTopics", {
    timeoutMs: CREATE_MS,
    topics: topics.map(({ topic, partitions = 1, replicationFactor = -1 }) => {
      return { topic, partitions, replicationFactor };
    }),
  }, { signal, silenceMs: CREATE_MS + questions.patienceMs });
  for (const item of answer.topics) {
    // Two programs that start together both create them; the second finds them there.
    if (item.error !== ALREADY_EXISTS) throwFailure("CreateTopics", `topic ${item.topic}`, item);
  }
}

function notThere(topics: readonly TopicSpec[], address: string): RpcError {
  const names = topics.map(({ topic }) => topic);
  const commands = topics.map(({ topic, partitions = 1 }) =>
    `kafka-topics.sh --bootstrap-server ${address} --create --topic ${topic} ` +
    `--partitions ${partitions}`
  );
  return new RpcError(
    "failed_precondition",
    `Cannot use ${names.length === 1 ? "the topic" : "the topics"} ${names.join(", ")}: not ` +
      `there, and \`createTopics\` is off. Turn it on, or run:\n${commands.join("\n")}`,
    { details: { topics: names } },
  );
}

export async function partitionsOf(
  parts: TopicsParts,
  topic: string,
  { signal, timeoutMs = Infinity }: Bounds = {},
): Promise<number> {
  const { cluster, closing, onFailure } = parts;
  const { partitions } = await untilStarted(
    (signal) => cluster.topic(topic, { signal, fresh: true, purpose: "Fetch" }),
    {
      signal,
      timeoutMs: Math.min(timeoutMs, COUNT_MS),
      what: `count the partitions of ${topic}`,
      closing,
      onFailure,
    },
  );
  return partitions.length;
}
