/**
 * Checks of options that a user gives.
 *
 * @module
 */
import { RpcError } from "../wire/errors.ts";
import { MAX_TIMER_MS } from "./bounded.ts";

/** Refuses an option whose value is no whole number in its range. */
export function checkWhole(
  name: string,
  value: number,
  most: number = MAX_TIMER_MS,
): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RpcError(
    "invalid_argument",
    `Cannot use ${name} = ${
      typeof value === "string" ? JSON.stringify(value) : value
    }: it must be a whole number from 1 to ${most}.`,
  );
}

/** Refuses a topic name that Kafka would refuse. */
export function checkTopic(name: string, value: string): string {
  if (
    /^[A-Za-z0-9._-]{1,249}$/.test(value) && value !== "." && value !== ".."
  ) return value;
  throw new RpcError(
    "invalid_argument",
    `Cannot use ${name} = ${JSON.stringify(value)}: a topic name has 1 to 249 of A-Z a-z 0-9 . _ -`,
  );
}

/**
 * Refuses two topics of one name: what is written to one of them would be read as the other.
 *
 * @param topics Names of the options, and the topics; undefined for one that is not used.
 */
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
