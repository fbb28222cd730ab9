// `doctor`: is all as calls need it?
import { addressText } from "../../transport/brokers.ts";
import { ClusterAdmin } from "../../transport/kafka/admin/cluster_admin.ts";
import { asRpcError } from "../../transport/kafka/errors.ts";
import type { BrokerAddress } from "../../transport/kafka/port.ts";
import type { Command, Invocation } from "../command.ts";
import type { Connection } from "../connection.ts";
import { EXIT, exitCodeOf } from "../exit_code.ts";
import { duration } from "../layout.ts";
import { SIDES } from "../rights.ts";
import { checkBroker, isOneReached, type TriedBroker } from "./brokers.ts";
import type { Check } from "./check.ts";
import { indentFor, writeCheck } from "./report.ts";
import { checkRights } from "./rights.ts";
import { callServer, writeAndRead } from "./round_trip.ts";
import { checkServers, describeServers } from "./servers.ts";
import { checkTopics, topicsOf } from "./topics.ts";

/** Longest wait for an answer of a broker that was reached. */
const ASK_MS = 2_000;

export const doctor: Command = {
  name: "doctor",
  summary: "Checks brokers, TLS, login, topics, rights, servers and clocks, and makes a call.",
  operands: "",
  operandCount: [0, 0],
  flags: {
    role: {
      value: "ROLE",
      words: SIDES,
      help: "client or server: its rights must be there; default: one of them",
    },
  },
  async run(invocation) {
    const { output } = invocation;
    const began = performance.now();
    const checks: Check[] = [];
    const { group } = invocation.connection;
    const topics = topicsOf(invocation.connection).map(([topic]) => `topic ${topic}`);
    const indent = indentFor([...topics, `group ${group}`, "broker 255.255.255.255:9092"]);
    const add = (...found: Check[]) => {
      checks.push(...found);
      if (!output.isJson) found.forEach((check) => writeCheck(check, output, indent));
    };
    const unreachable = await examine(invocation, add);
    const failed = checks.filter(({ status }) => status === "failed").length;
    const ms = Math.round(performance.now() - began);
    if (output.isJson) {
      const plain = checks.map(({ name, status, says, advice }) => ({
        name,
        status,
        says,
        advice,
      }));
      output.value({ ok: failed === 0, ms, checks: plain });
    } else {
      const verdict = failed === 0
        ? "Calls work from here."
        : `${failed} of ${checks.length} failed.`;
      output.line(`\n${verdict} Took ${duration(ms)}.`);
    }
    return unreachable ?? (failed === 0 ? EXIT.ok : EXIT.failed);
  },
};

/** Looks at one thing after the other; gives the exit code where nothing can be looked at. */
async function examine(
  { args, connection, signal }: Invocation,
  add: (...found: Check[]) => void,
): Promise<number | undefined> {
  const asked = args.oneOf("role", SIDES);
  using admin = new ClusterAdmin(connection.options);
  const given = await Promise.all(
    admin.bootstrap.map((address) => checkBroker(admin, address, connection, { signal })),
  );
  add(...given);
  if (given.every(({ failure }) => failure !== undefined)) {
    return exitCodeOf(asRpcError(given[0]?.failure, "reach Kafka"));
  }
  const within = () => AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const [{ cluster, checks }, group] = await Promise.all([
    checkTopics(admin, connection, { signal: within() }),
    describeServers(admin, connection, within()),
  ]);
  signal.throwIfAborted();
  const named = new Set(admin.bootstrap.map(addressText));
  const others = cluster.brokers.filter((address) => !named.has(addressText(address)));
  const advertised = await checkAdvertised(admin, others, connection, signal);
  add(...advertised);
  add(...checks);
  add(...checkRights(connection, { topics: cluster.topics, group }, asked));
  const described = cluster.topics.find(({ topic }) => topic === connection.topic);
  add(checkServers(connection, group, described));
  const needed = [connection.topic, connection.resultsTopic];
  const isReady = needed.every((name) =>
    cluster.topics.some(({ topic, error }) => topic === name && error === 0)
  );
  const isReachable = isOneReached(cluster.brokers, [...given, ...advertised]);
  const skipped = (says: string) => add({ name: "a call", status: "skipped", says });
  if (!isReady) skipped("the topics are not there");
  else if (!isReachable) skipped("no broker can be reached as the cluster calls it");
  else if (group !== undefined && group.members.length === 0) {
    add(await writeAndRead(connection, signal));
  } else add(...await callServer(connection, signal));
  return undefined;
}

/** Brokers by the names that the cluster gives them: clients go there, whatever they were given. */
function checkAdvertised(
  admin: ClusterAdmin,
  brokers: readonly BrokerAddress[],
  connection: Connection,
  signal: AbortSignal,
): Promise<TriedBroker[]> {
  const options = { advertised: true, signal };
  return Promise.all(brokers.map((address) => checkBroker(admin, address, connection, options)));
}
