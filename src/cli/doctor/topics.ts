// Whether the topics are as calls need them.
import type { ClusterAdmin } from "../../transport/kafka/admin/cluster_admin.ts";
import type {
  ClusterDescription,
  TopicDescription,
  TopicSettings,
} from "../../transport/kafka/admin/questions.ts";
import { DEFAULT_REPLY_WINDOW_MS, DEFAULT_VALUE_BYTES } from "../../options/defaults.ts";
import type { ServiceNames } from "../../options/topics.ts";
import { errorCode, UNKNOWN_TOPIC } from "../../transport/kafka/error_codes.ts";
import type { TopicRole } from "../../transport/topic_shapes.ts";
import type { Connection } from "../connection.ts";
import { counted, duration, grouped } from "../layout.ts";
import type { Check } from "./check.ts";

/** Room for the headers, the key and the framing. */
const ROOM_BYTES = 16_384;
const REQUESTS_MS = 60_000;

/** The topics of a service, and what each is for. */
export function topicsOf(names: ServiceNames): [topic: string, role: TopicRole][] {
  return [
    [names.topic, "commands"],
    [names.resultsTopic, "results"],
    [names.controlTopic, "control"],
    [names.deadLetterTopic, "deadLetters"],
  ];
}

/** Asks for the topics and looks at each. */
export async function checkTopics(
  admin: ClusterAdmin,
  connection: Connection,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly cluster: ClusterDescription; readonly checks: Check[] }> {
  const names = topicsOf(connection).map(([name]) => name);
  const [cluster, settings] = await Promise.all([
    admin.topics(names, signal),
    admin.settings(names, signal),
  ]);
  const checks = topicsOf(connection).map(([name, role]) => {
    const topic = cluster.topics.find((one) => one.topic === name) ??
      { topic: name, error: UNKNOWN_TOPIC, operations: undefined, partitions: [] };
    const found = settings.find((one) => one.topic === name);
    const known = found?.error === 0 ? found : undefined;
    return checkTopic({ role, topic, settings: known, brokers: cluster.brokers.length });
  });
  return { cluster, checks };
}

interface TopicFacts {
  readonly role: TopicRole;
  readonly topic: TopicDescription;
  /** Undefined where they may not be seen. */
  readonly settings: TopicSettings | undefined;
  readonly brokers: number;
}

/** A finding about a topic: how bad it is, and what to do. */
type Finding = readonly [status: "warning" | "failed", says: string, advice: string];

function checkTopic(facts: TopicFacts): Check {
  const { role, topic, settings } = facts;
  const name = `topic ${topic.topic}`;
  if (topic.error === UNKNOWN_TOPIC) return missing(name, facts);
  if (topic.error !== 0) {
    const { name: says, advice } = errorCode(topic.error);
    return { name, status: "failed", says, advice };
  }
  const replicas = Math.min(...topic.partitions.map((one) => one.replicas.length));
  const shape = `${counted(topic.partitions.length, "partition")}, ${counted(replicas, "replica")}`;
  const findings = [...partitionFindings(facts, replicas), ...settingFindings(role, settings)];
  const kept = settings === undefined
    ? ""
    : `, kept ${keptFor(settings)}, records up to ${
      grouped(numberIn(settings, "max.message.bytes"))
    } bytes`;
  if (findings.length === 0) return { name, status: "ok", says: shape + kept };
  return {
    name,
    status: findings.some(([status]) => status === "failed") ? "failed" : "warning",
    says: `${shape}${kept}; ${findings.map(([, says]) => says).join("; ")}`,
    advice: findings.map(([, , advice]) => advice).join(" "),
  };
}

function missing(name: string, { role }: TopicFacts): Check {
  if (role === "deadLetters") {
    return { name, status: "skipped", says: "not there; only `deadLetters: true` needs it" };
  }
  const advice = "Run `rpc topics create`, or start a server, which creates it where it may.";
  return { name, status: "failed", says: "not there", advice };
}

function* partitionFindings(
  { role, topic, settings, brokers }: TopicFacts,
  replicas: number,
): Generator<Finding> {
  const leaderless = topic.partitions.filter(({ leader }) => leader < 0);
  if (leaderless.length > 0) {
    const list = leaderless.map(({ partition }) => partition).join(", ");
    yield ["failed", `no leader for partition ${list}`, "Start the brokers that have them."];
  }
  const behind = topic.partitions.filter((one) => one.inSync.length < one.replicas.length);
  if (behind.length > 0) {
    const text = `${counted(behind.length, "partition")} with replicas out of sync`;
    yield ["warning", text, "Look at the brokers that have these replicas."];
  }
  if (replicas === 1 && brokers > 1) {
    yield ["warning", `one replica on ${brokers} brokers`, "Move it to two or more replicas."];
  }
  const needed = settings === undefined ? 1 : numberIn(settings, "min.insync.replicas");
  if (needed > replicas) {
    const text = `min.insync.replicas is ${needed}: nothing can be written`;
    yield ["failed", text, `Set it to ${replicas}, or add replicas.`];
  }
  if (role === "control" && topic.partitions.length > 1) {
    yield ["warning", "only partition 0 of it is used", "One partition is enough."];
  }
}

function* settingFindings(
  role: TopicRole,
  settings: TopicSettings | undefined,
): Generator<Finding> {
  if (settings === undefined) return;
  const change = (setting: string) =>
    `Set it by kafka-configs.sh --alter --topic ${settings.topic} --add-config ${setting}.`;
  const largest = numberIn(settings, "max.message.bytes");
  if (role !== "control" && largest < DEFAULT_VALUE_BYTES + ROOM_BYTES) {
    yield [
      "warning",
      `values up to ${grouped(DEFAULT_VALUE_BYTES)} bytes are allowed by default, and do not fit`,
      `${change("max.message.bytes=1048588")} Or lower requestBytes and limits.resultBytes.`,
    ];
  }
  const retentionMs = numberIn(settings, "retention.ms");
  const leastMs = role === "results" ? DEFAULT_REPLY_WINDOW_MS : REQUESTS_MS;
  if (retentionMs >= 0 && retentionMs < leastMs && role !== "deadLetters") {
    const what = role === "results" ? "the window of the reply cache" : "the time of a call";
    yield ["warning", `that is shorter than ${what}`, change("retention.ms=3600000")];
  }
  if (!settingOf(settings, "cleanup.policy").includes("delete")) {
    const text = "old records are never deleted (cleanup.policy)";
    yield ["warning", text, change("cleanup.policy=delete")];
  }
  const compression = settingOf(settings, "compression.type");
  if (compression !== "producer" && compression !== "uncompressed") {
    const text = `the broker compresses again (compression.type=${compression})`;
    yield ["warning", text, change("compression.type=producer")];
  }
}

function keptFor(settings: TopicSettings): string {
  const retentionMs = numberIn(settings, "retention.ms");
  return retentionMs < 0 ? "without end" : duration(retentionMs);
}

function settingOf({ settings }: TopicSettings, name: string): string {
  return settings.get(name) ?? "";
}

function numberIn(settings: TopicSettings, name: string): number {
  return Number(settingOf(settings, name));
}
