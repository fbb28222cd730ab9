// `topics create` and `topics check`: what a service needs, before it starts.
import { ClusterAdmin } from "../transport/kafka/admin/cluster_admin.ts";
import { asRpcError } from "../transport/kafka/errors.ts";
import { openTransport } from "../transport/open.ts";
import { topicShape } from "../transport/topic_shapes.ts";
import type { Arguments } from "./arguments.ts";
import type { Command, Invocation } from "./command.ts";
import { indentFor, writeCheck } from "./doctor/report.ts";
import { checkTopics, topicsOf } from "./doctor/topics.ts";
import { EXIT } from "./exit_code.ts";
import { counted } from "./layout.ts";
import { unknownName } from "./usage_error.ts";

const ASK_MS = 2_000;
const CREATE_MS = 10_000;

export const topics: Command = {
  name: "topics",
  summary: "Creates the topics of a service where they are not there, or checks those that are.",
  operands: "create|check",
  operandCount: [1, 1],
  flags: {
    "partitions": { value: "N", help: "of the commands; default: 4" },
    "results-partitions": { value: "N", help: "of the results; default: --partitions, else 32" },
    "replication-factor": { value: "N", help: "default: the broker's" },
    "dead-letters": { help: "also the topic for dead letters" },
  },
  async run(invocation) {
    const [action = ""] = invocation.args.positionals;
    if (action === "create") return await create(invocation);
    if (action === "check") return await check(invocation);
    throw unknownName("action of topics", action, ["create", "check"]);
  },
};

async function create({ args, connection, output, signal }: Invocation): Promise<number> {
  const shape = {
    partitions: args.number("partitions"),
    resultsPartitions: args.number("results-partitions"),
    replicationFactor: args.number("replication-factor", { to: 32_767 }),
  };
  const wanted = wantedTopics(args, connection);
  const before = await describe({ connection, signal }, wanted.map(([topic]) => topic));
  await using transport = await openTransport({ ...connection.options, createTopics: false }, {
    topics: [],
    background: false,
    signal,
  });
  const specs = wanted.map(([topic, role]) => ({ topic, ...topicShape(role, shape) }));
  await transport.ensureTopics(specs, { create: true, signal, timeoutMs: CREATE_MS });
  const after = await describe({ connection, signal }, wanted.map(([topic]) => topic));
  const outcome = after.topics.map(({ topic, partitions }) => {
    const existed = before.topics.some((one) => one.topic === topic && one.error === 0);
    return { topic, partitions: partitions.length, created: !existed };
  });
  if (output.isJson) output.value({ ok: true, topics: outcome });
  else {
    for (const { topic, partitions, created } of outcome) {
      const what = created ? "created" : "was there, unchanged";
      output.line(
        `${output.paint(created ? "✔" : "–", created ? "green" : "faint")} ` +
          `${output.paint(topic)}: ${what}, ${counted(partitions, "partition")}`,
      );
    }
  }
  return EXIT.ok;
}

async function check({ args, connection, output, signal }: Invocation): Promise<number> {
  const names = wantedTopics(args, connection).map(([topic]) => topic);
  using admin = new ClusterAdmin(connection.options);
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const { checks } = await checkTopics(admin, connection, { signal: within }).catch((error) => {
    throw asRpcError(error, "describe the topics");
  });
  const shown = checks.filter(({ name }) => names.some((topic) => name === `topic ${topic}`));
  const ok = shown.every(({ status }) => status === "ok" || status === "warning");
  if (output.isJson) output.value({ ok, checks: shown });
  else shown.forEach((one) => writeCheck(one, output, indentFor(shown.map(({ name }) => name))));
  return ok ? EXIT.ok : EXIT.failed;
}

function wantedTopics(args: Arguments, connection: Invocation["connection"]) {
  return topicsOf(connection).filter(([, role]) =>
    role !== "deadLetters" || args.flag("dead-letters")
  );
}

async function describe(
  { connection, signal }: Pick<Invocation, "connection" | "signal">,
  names: readonly string[],
) {
  using admin = new ClusterAdmin(connection.options);
  try {
    return await admin.topics(names, AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]));
  } catch (error) {
    signal.throwIfAborted();
    throw asRpcError(error, "describe the topics");
  }
}
