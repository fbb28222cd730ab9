import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { TopicOptions } from "../../src/transport/connection_options.ts";
import { openTransport } from "../../src/transport/open.ts";
import type { TopicRole } from "../../src/transport/topic_shapes.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { RecordingLogger } from "../recording_logger.ts";

const role = { background: true, signal: undefined };
const commandsTopic = { topics: [["t", "commands"]] as const };

Deno.test("topics are created where nothing else is said", async () => {
  const broker = new MemoryBroker();
  await using _ = await openTransport({ transport: broker.transport() }, {
    ...role,
    topics: [["t", "commands"]],
  });
  assertEquals(broker.has("t"), true);
});

/** Partitions of topics that are created, by their role. */
async function created(createTopics: boolean | TopicOptions): Promise<Record<TopicRole, number>> {
  const broker = new MemoryBroker();
  const roles = ["commands", "results", "control", "deadLetters"] as const;
  await using _ = await openTransport({ transport: broker.transport(), createTopics }, {
    ...role,
    topics: roles.map((role) => [role, role] as const),
  });
  const counts = roles.map((role) => [role, broker.partitions(role).length]);
  return Object.fromEntries(counts) as Record<TopicRole, number>;
}

const SHAPES: [boolean | TopicOptions, Partial<Record<TopicRole, number>>][] = [
  [true, { commands: 4, results: 32 }],
  [{}, { commands: 4, results: 32 }],
  [{ partitions: 4 }, { commands: 4, results: 4 }],
  [{ resultsPartitions: 32 }, { commands: 4, results: 32 }],
  [{ partitions: 1, resultsPartitions: 6 }, { commands: 1, results: 6 }],
];
for (const [createTopics, { commands, results }] of SHAPES) {
  const what = Deno.inspect(createTopics);
  Deno.test(`createTopics ${what}: each topic has partitions by what it carries`, async () => {
    const expected = { commands, results, control: 1, deadLetters: 1 };
    assertEquals(await created(createTopics), expected as Record<TopicRole, number>);
  });
}

Deno.test("with createTopics off a missing topic is failed_precondition, by name", async () => {
  const connection = { transport: new MemoryBroker().transport(), createTopics: false };
  const error = await assertRejects(
    () => openTransport(connection, { ...role, topics: [["absent", "commands"]] }),
    RpcError,
    "absent",
  );
  assertEquals(error.code, "failed_precondition");
});

Deno.test("with createTopics off an existing topic will do", async () => {
  const broker = new MemoryBroker();
  broker.createTopic("t");
  const connection = { transport: broker.transport(), createTopics: false };
  await using transport = await openTransport(connection, { ...role, topics: [["t", "commands"]] });
  assertEquals(await transport.partitionsOf("t"), 1);
});

/** Warnings of a start with a topic of one partition, where `createTopics` asks for so many. */
async function warningsFor(partitions: number | undefined) {
  const broker = new MemoryBroker();
  broker.createTopic("t");
  broker.createTopic("s");
  const logger = new RecordingLogger();
  const createTopics = partitions === undefined ? false : { partitions };
  const connection = { transport: broker.transport(), createTopics, logger };
  await using _ = await openTransport(connection, {
    ...role,
    topics: [["t", "commands"], ["s", "control"]],
  });
  return logger.lines.items.filter(({ level }) => level === "warn");
}

Deno.test("a topic with fewer partitions than createTopics asks for is told", async () => {
  const [line] = await warningsFor(12);
  const { topic, found, asked } = line?.fields ?? {};
  assertEquals([topic, found, asked], ["t", 1, 12]);
});

Deno.test("the line about too few partitions has the command that adds them", async () => {
  const [line] = await warningsFor(12);
  assertStringIncludes(String(line?.fields["toAddThem"]), "--alter --topic t --partitions 12");
});

Deno.test("a topic with fewer partitions than the default is told", async () => {
  const broker = new MemoryBroker();
  broker.createTopic("t");
  const logger = new RecordingLogger();
  const connection = { transport: broker.transport(), logger };
  await using _ = await openTransport(connection, { ...role, ...commandsTopic });
  const [line] = logger.lines.items.filter(({ level }) => level === "warn");
  assertEquals([line?.fields["found"], line?.fields["asked"]], [1, 4]);
});

for (const asked of [1, undefined]) {
  Deno.test(`a topic with as many partitions as are asked for is not told: ${asked}`, async () => {
    assertEquals(await warningsFor(asked), []);
  });
}

Deno.test("a start does not fail for partitions that cannot be counted", async () => {
  const transport = new MemoryBroker().transport();
  transport.partitionsOf = () => Promise.reject(new Error("no answer"));
  const connection = { transport, createTopics: { partitions: 2 } };
  await using opened = await openTransport(connection, { ...role, topics: [["t", "commands"]] });
  assertEquals(opened, transport);
});

Deno.test("counting partitions takes no longer than is left of the start's time", async () => {
  const transport = new MemoryBroker().transport();
  const lefts: (number | undefined)[] = [];
  transport.partitionsOf = (_topic, bounds) => {
    lefts.push(bounds?.timeoutMs);
    return Promise.resolve(4);
  };
  await openTransport({ transport, connectTimeoutMs: 1_000 }, { ...role, ...commandsTopic });
  assertEquals(lefts.map((left = Infinity) => left > 0 && left <= 1_000), [true]);
});

Deno.test("a signal that has aborted opens nothing", async () => {
  const broker = new MemoryBroker();
  const signal = AbortSignal.abort(new TypeError("stop"));
  const options = { ...commandsTopic, background: true, signal };
  await assertRejects(
    () => openTransport({ transport: broker.transport() }, options),
    TypeError,
    "stop",
  );
  assertEquals(broker.has("t"), false);
});

Deno.test("a signal that aborts meanwhile leaves nothing open", async () => {
  const broker = new MemoryBroker();
  const controller = new AbortController();
  const options = { ...commandsTopic, background: true, signal: controller.signal };
  const opening = openTransport({ transport: broker.transport() }, options);
  controller.abort(new TypeError("stop"));
  await assertRejects(() => opening, TypeError, "stop");
});

Deno.test("a transport whose topics can't be had is closed", async () => {
  const transport = new MemoryBroker().transport();
  const connection = { transport, createTopics: false };
  await assertRejects(
    () => openTransport(connection, { ...role, topics: [["absent", "commands"]] }),
    RpcError,
  );
  await assertRejects(
    () => transport.produce({ topic: "t", key: null, value: null, headers: {} }),
    RpcError,
    "closed",
  );
});

Deno.test("looking at the topics takes no longer than is left of the start's time", async () => {
  const transport = new MemoryBroker().transport();
  let left = Infinity;
  transport.ensureTopics = (_topics, options) => {
    left = options.timeoutMs ?? Infinity;
    return Promise.resolve();
  };
  const options = { ...commandsTopic, background: true, signal: undefined };
  await openTransport({ transport, connectTimeoutMs: 5_000 }, options);
  assertEquals(left > 0 && left <= 5_000, true);
});
