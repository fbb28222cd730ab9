// The rights that clients and servers need; docs/rights.md says what each is for.
import type { ServiceNames } from "../options/topics.ts";

export type Side = "client" | "server";

export const SIDES: readonly Side[] = ["client", "server"];

export interface Right {
  readonly side: Side;
  readonly operation: "Read" | "Write" | "Describe";
  readonly resource: "topic" | "group";
  readonly name: string;
}

/** In the order of the documentation. Dead letters only where they are kept. */
export function rightsOf(
  names: ServiceNames,
  { deadLetters }: { readonly deadLetters: boolean },
): Right[] {
  const { topic, resultsTopic, controlTopic, deadLetterTopic, group } = names;
  const on = (resource: Right["resource"], name: string) =>
  (
    side: Side,
    operation: Right["operation"],
  ): Right => ({ side, operation, resource, name });
  return [
    on("topic", topic)("client", "Write"),
    on("topic", resultsTopic)("client", "Read"),
    on("topic", controlTopic)("client", "Write"),
    on("group", group)("client", "Describe"),
    on("topic", topic)("server", "Read"),
    on("group", group)("server", "Read"),
    on("topic", resultsTopic)("server", "Write"),
    on("topic", resultsTopic)("server", "Read"),
    on("topic", controlTopic)("server", "Read"),
    ...(deadLetters ? [on("topic", deadLetterTopic)("server", "Write")] : []),
  ];
}

/** What a side needs of each resource, in one entry a resource. */
export function byResource(
  rights: readonly Right[],
): { resource: Right["resource"]; name: string; operations: string[] }[] {
  const groups = Map.groupBy(rights, ({ resource, name }) => `${resource} ${name}`);
  return [...groups.values()].map((group) => {
    const { resource, name } = group[0]!;
    return { resource, name, operations: group.map(({ operation }) => operation) };
  });
}
