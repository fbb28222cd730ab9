// Who serves: members of the group, and how far behind they are.
import { delay } from "../../async/delay.ts";
import type { ClusterAdmin } from "../../transport/kafka/admin/cluster_admin.ts";
import type { GroupDescription, TopicDescription } from "../../transport/kafka/admin/questions.ts";
import { errorCode, GROUP_ID_NOT_FOUND } from "../../transport/kafka/error_codes.ts";
import { KafkaFailure } from "../../transport/kafka/errors.ts";
import { ConnectionFailed } from "../../transport/kafka/port.ts";
import type { Connection } from "../connection.ts";
import { counted } from "../layout.ts";
import type { Check } from "./check.ts";

export function checkServers(
  { group: name, topic }: Connection,
  group: GroupDescription | undefined,
  described: TopicDescription | undefined,
): Check {
  const check = { name: `group ${name}` };
  if (group === undefined) {
    const advice =
      "Grant Describe on the group, see that its broker can be reached, and look again.";
    return { ...check, status: "skipped", says: "it cannot be described", advice };
  }
  const { members } = group;
  if (members.length === 0) {
    const says = "no server listens";
    const advice =
      `Start a server with the topic ${topic} and this group. Calls are refused at once.`;
    return { ...check, status: "warning", says, advice };
  }
  const hosts = [...new Set(members.map(({ host }) => host.replace(/^\//, "")))];
  const says = `${counted(members.length, "server")} on ${hosts.slice(0, 5).join(", ")}`;
  const idle = members.filter(({ assignment }) => (assignment.get(topic) ?? []).length === 0);
  if (idle.length === 0 || group.state !== "Stable") return { ...check, status: "ok", says };
  const partitions = described?.partitions.length ?? 0;
  return {
    ...check,
    status: "warning",
    says: `${says}; ${idle.length} of them without a partition`,
    advice: `The topic has ${counted(partitions, "partition")}: add some, or run fewer servers.`,
  };
}

const AGAIN_MS = 100;

/** Undefined where it may not be asked for, or no coordinator can be reached and answers in time. */
export async function describeServers(
  admin: ClusterAdmin,
  { group }: Connection,
  signal: AbortSignal,
): Promise<GroupDescription | undefined> {
  while (!signal.aborted) {
    try {
      const found = await admin.group(group, signal);
      return found.error === 0 || found.error === GROUP_ID_NOT_FOUND ? found : undefined;
    } catch (error) {
      if (signal.aborted || error instanceof ConnectionFailed) return undefined;
      if (!(error instanceof KafkaFailure)) throw error;
      // A new cluster makes its first coordinator when it is asked.
      if (errorCode(error.code).refreshes !== "coordinator") return undefined;
    }
    await delay(AGAIN_MS, { signal }).catch(() => {});
  }
  return undefined;
}
