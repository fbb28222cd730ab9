// Names of topics, and of the group of servers.
import { RpcError } from "../wire/errors.ts";
import { type Check, refuse, show } from "./check.ts";

/** A topic name that Kafka takes. */
export const topicName: Check<string> = (value, name) => {
  if (
    typeof value === "string" && /^[A-Za-z0-9._-]{1,249}$/.test(value) && value !== "." &&
    value !== ".."
  ) return value;
  return refuse(
    name,
    `it is ${show(value)}, which is no name of a topic`,
    "Give 1 to 249 of A-Z a-z 0-9 . _ -",
  );
};

/** The topics of a service, and the group of its servers. */
export interface ServiceNames {
  readonly topic: string;
  readonly resultsTopic: string;
  readonly controlTopic: string;
  readonly deadLetterTopic: string;
  readonly group: string;
}

/** What may be named otherwise; the rest follows from the topic. */
type GivenNames = {
  readonly [Name in "topic" | "resultsTopic" | "group"]?: string | undefined;
};

/** The names of a service: those that are given, and what goes with them by default. */
export function serviceNames(
  { topic = "commands", resultsTopic = `${topic}_results`, group = `${topic}-servers` }: GivenNames,
): ServiceNames {
  const others = { controlTopic: `${topic}_control`, deadLetterTopic: `${topic}-dlt` };
  return { topic, resultsTopic, group, ...others };
}

/** Refuses two topics of one name: what is written to one would be read as the other. */
export function checkDistinct(topics: readonly (readonly [string, string | undefined])[]): void {
  const seen = new Map<string, string>();
  for (const [name, topic] of topics) {
    if (topic === undefined) continue;
    const other = seen.get(topic);
    if (other !== undefined) {
      throw new RpcError(
        "invalid_argument",
        `Cannot use ${JSON.stringify(topic)} as ${other} and as ${name}: what is written to one ` +
          "would be read as the other. Give each a topic of its own.",
      );
    }
    seen.set(topic, name);
  }
}
