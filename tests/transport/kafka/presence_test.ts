// Whether a group has members; the test plays its coordinator.
import { assertEquals, assertRejects } from "@std/assert";
import { type Api, ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { GroupPresence } from "../../../src/transport/kafka/presence.ts";
import { ManualClock } from "../../manual_clock.ts";
import { RecordingLogger } from "../../recording_logger.ts";
import { FakePort, metadata } from "./fake_port.ts";

interface Group {
  readonly error?: number;
  readonly state?: string;
  readonly members?: number;
}

/** Offsets that are committed for the partitions of `t`. */
type Committed = readonly number[];

type Played = Partial<Record<Api, readonly (Group | Error)[]>>;

/** A coordinator that answers with these, one after the other, the last one again and again. */
function presence(played: Played, commits: readonly Committed[] = []) {
  const committed = [...commits];
  const left = new Map(Object.entries(played).map(([api, groups]) => [api, [...groups]]));
  const port = new FakePort((asked) => {
    const { api } = asked;
    if (api === "Metadata") return metadata(1, commits.length > 0 ? { t: [1, 1] } : {})(asked);
    if (api === "OffsetFetch") return offsets(committed.shift()!);
    const groups = left.get(api);
    const next = groups === undefined
      ? { error: 0 }
      : groups.length > 1
      ? groups.shift()!
      : groups[0]!;
    if (next instanceof Error) return Promise.reject(next);
    const { error = 0, state = "Stable", members = 0 } = next;
    if (api === "FindCoordinator") {
      return { throttleMs: 0, error, nodeId: 1, host: "b", port: 1 };
    }
    return { throttleMs: 0, groups: [{ group: "g", error, state, members }] };
  });
  const logger = new RecordingLogger();
  const closing = new AbortController().signal;
  return { port, logger, known: new GroupPresence({ cluster: port.cluster(1), logger, closing }) };
}

function offsets(committed: Committed) {
  const partitions = committed.map((offset, partition) => {
    return { topic: "t", partition, offset: BigInt(offset), error: 0 };
  });
  return { throttleMs: 0, error: 0, partitions };
}

const dead: Group = { state: "Dead" };
const unknown: Group = { error: 69 };

Deno.test("a group with members is live", async () => {
  const { known } = presence({ DescribeGroups: [{ members: 1 }] });
  assertEquals(await known.isLive("g", "t"), true);
});

Deno.test("a group that rebalances is live", async () => {
  const { known } = presence({ DescribeGroups: [{ state: "PreparingRebalance" }] });
  assertEquals(await known.isLive("g", "t"), true);
});

Deno.test("a group that neither protocol knows is not live", async () => {
  const { known } = presence({ DescribeGroups: [dead], ConsumerGroupDescribe: [unknown] });
  assertEquals(await known.isLive("g", "t"), false);
});

Deno.test("a group of KIP-848 is live, though the classic protocol calls it dead", async () => {
  const live = { state: "Stable", members: 2 };
  const { known } = presence({ DescribeGroups: [dead], ConsumerGroupDescribe: [live] });
  assertEquals(await known.isLive("g", "t"), true);
});

Deno.test("an empty group of KIP-848 is not live", async () => {
  const empty = { state: "Empty" };
  const { known } = presence({ DescribeGroups: [dead], ConsumerGroupDescribe: [empty] });
  assertEquals(await known.isLive("g", "t"), false);
});

Deno.test("a broker without KIP-848 is believed", async () => {
  const old = new ConnectionFailed("unsupported", "no common version");
  const { known } = presence({ DescribeGroups: [dead], ConsumerGroupDescribe: [old] });
  assertEquals(await known.isLive("g", "t"), false);
});

Deno.test("a broker whose groups of KIP-848 are switched off is believed", async () => {
  const off = { error: 35 };
  const { known } = presence({ DescribeGroups: [dead], ConsumerGroupDescribe: [off] });
  assertEquals(await known.isLive("g", "t"), false);
});

/** What is known after each question, so many seconds after the one before. */
async function moving(questions: readonly (readonly [seconds: number, committed: Committed])[]) {
  using clock = new ManualClock();
  const played = { DescribeGroups: [{ state: "Empty" }], ConsumerGroupDescribe: [unknown] };
  const { known } = presence(played, questions.map(([, committed]) => committed));
  const live: (boolean | undefined)[] = [];
  for (const [seconds] of questions) {
    clock.jump(seconds * 1_000);
    live.push(await known.isLive("g", "t"));
  }
  return live;
}

Deno.test("a group without members whose committed offset moves is live", async () => {
  assertEquals(await moving([[0, [5, -1]], [1, [5, 1]], [5, [5, 1]]]), [false, true, true]);
});

Deno.test("one whose committed offset has not moved for ten seconds is not", async () => {
  assertEquals(await moving([[0, [5, 5]], [1, [5, 6]], [11, [5, 6]]]), [false, true, false]);
});

Deno.test("one whose committed offset moved at some time since the last question is not", async () => {
  assertEquals(await moving([[0, [5, 5]], [60, [9, 9]]]), [false, false]);
});

Deno.test("a new cluster is asked again until it has a coordinator", async () => {
  const { known } = presence({
    FindCoordinator: [{ error: 15 }, { error: 15 }, {}],
    DescribeGroups: [{ error: 14 }, { error: 16 }, { members: 1 }],
  });
  assertEquals(await known.isLive("g", "t"), true);
});

Deno.test("a coordinator that has moved is looked for again", async () => {
  const { known, port } = presence({ DescribeGroups: [{ error: 16 }, { members: 1 }] });
  await known.isLive("g", "t");
  const found = port.asked.items.filter(({ api }) => api === "FindCoordinator");
  assertEquals(found.length, 2);
});

Deno.test("where the question is forbidden nothing is known, and the log names the right", async () => {
  using clock = new ManualClock();
  const { known, logger } = presence({ DescribeGroups: [{ error: 30 }] });
  const live = known.isLive("g", "t");
  await clock.advance(2_500);
  assertEquals([await live, logger.messages("warn")], [
    undefined,
    ["whether a server listens is unknown"],
  ]);
  assertEquals(
    String(logger.lines.items.at(-1)?.fields["error"]).includes("may not Describe"),
    true,
  );
});

Deno.test("where no broker answers nothing is known", async () => {
  using clock = new ManualClock();
  const { known, port } = presence({});
  port.opening = () => Promise.reject(new ConnectionFailed("network", "refused"));
  const live = known.isLive("g", "t");
  await clock.advance(2_500);
  assertEquals(await live, undefined);
});

for (const question of ["isLive", "members"] as const) {
  Deno.test(`${question}() rejects with the reason of its signal`, async () => {
    using _clock = new ManualClock();
    const { known, port } = presence({});
    port.opening = () => Promise.withResolvers<never>().promise;
    const controller = new AbortController();
    const bounds = { signal: controller.signal };
    const asked = question === "isLive"
      ? known.isLive("g", "t", bounds)
      : known.members("g", bounds);
    controller.abort(new TypeError("stop"));
    await assertRejects(() => asked, TypeError, "stop");
  });
}

Deno.test("isLive() asks no longer than its `timeoutMs`", async () => {
  using clock = new ManualClock();
  const { known, port } = presence({});
  port.opening = () => Promise.reject(new ConnectionFailed("network", "refused"));
  const live = known.isLive("g", "t", { timeoutMs: 50 });
  await clock.advance(50);
  assertEquals(await live, undefined);
});
