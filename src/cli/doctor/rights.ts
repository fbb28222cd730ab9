// Which rights this program has, as the brokers tell them.
import type { GroupDescription, TopicDescription } from "../../transport/kafka/admin/questions.ts";
import { TOPIC_AUTHORIZATION_FAILED } from "../../transport/kafka/error_codes.ts";
import type { Connection } from "../connection.ts";
import { byResource, type Right, rightsOf, type Side } from "../rights.ts";
import type { Check } from "./check.ts";

interface Held {
  readonly topics: readonly TopicDescription[];
  /** Undefined where the group could not be asked for. */
  readonly group: GroupDescription | undefined;
}

/** Whether it may do what a side does; undefined where a broker does not say. */
function holds({ operation, resource, name }: Right, { topics, group }: Held): boolean | undefined {
  if (resource === "group") return group?.operations?.includes(operation);
  const topic = topics.find((one) => one.topic === name);
  // What is forbidden altogether is not described.
  if (topic === undefined || topic.error === TOPIC_AUTHORIZATION_FAILED) return false;
  return topic.error === 0 ? topic.operations?.includes(operation) : undefined;
}

/** `asked`: a side that must have its rights; else one complete side is enough. */
export function checkRights(
  connection: Connection,
  held: Held,
  asked: Side | undefined,
): Check[] {
  const sides = (["client", "server"] as const).map((side) => {
    const rights = rightsOf(connection, { deadLetters: false }).filter((one) => one.side === side);
    const missing = rights.filter((one) => holds(one, held) === false);
    const unknown = rights.filter((one) => holds(one, held) === undefined);
    return { side, missing, unknown };
  });
  const someone = sides.some(({ missing }) => missing.length === 0);
  return sides.filter(({ side }) => asked === undefined || side === asked)
    .map(({ side, missing, unknown }): Check => {
      const name = `rights of a ${side}`;
      if (missing.length > 0) {
        const list = byResource(missing)
          .map((one) => `${one.operations.join(" and ")} on ${one.resource} ${one.name}`);
        const status = asked === side || !someone ? "failed" : "skipped";
        const advice = `rpc acls --role ${side} --principal … prints what grants them.`;
        return { name, status, says: `missing: ${list.join(", ")}`, advice };
      }
      if (unknown.length > 0) {
        const list = byResource(unknown).map((one) => `${one.resource} ${one.name}`);
        return { name, status: "skipped", says: `not known for ${list.join(", ")}` };
      }
      return { name, status: "ok", says: "all of docs/rights.md" };
    });
}
