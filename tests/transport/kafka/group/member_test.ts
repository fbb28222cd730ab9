// Members of a group over simulated brokers, on a clock that jumps where nothing else happens.
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Api } from "../../../../src/transport/kafka/port.ts";
import { RpcError } from "../../../../src/wire/errors.ts";
import { World } from "../../../simulator/world.ts";
import { create, join, produce, TOPIC } from "./joined.ts";

const NOT_LEADER = 6;
const COORDINATOR_NOT_AVAILABLE = 15;

Deno.test("a member gets all partitions of a group without others", async () => {
  using world = new World(1);
  await create(world, 3);
  const { member, partitions } = await join(world);
  assertEquals(partitions(), [0, 1, 2]);
  await world.run(member.close());
});

Deno.test("a member reads the records of its partitions", async () => {
  using world = new World(2);
  await create(world, 2);
  await produce(world, "a", 0);
  const { member, values } = await join(world);
  await produce(world, "b", 1);
  await world.until(() => values.length === 2);
  assertEquals(values.toSorted(), ["a", "b"]);
  await world.run(member.close());
});

Deno.test("two members share the partitions", async () => {
  using world = new World(3);
  await create(world, 4);
  const one = await join(world);
  const two = await join(world);
  await world.until(() => one.partitions()?.length === 2);
  assertEquals([...one.partitions()!, ...two.partitions()!].toSorted(), [0, 1, 2, 3]);
  await world.run(Promise.all([one.member.close(), two.member.close()]));
});

Deno.test("the partitions of a member that leaves go to the other", async () => {
  using world = new World(4);
  await create(world, 2);
  const one = await join(world);
  const two = await join(world);
  await world.until(() => one.partitions()?.length === 1);
  await world.run(two.member.close());
  await world.until(() => one.partitions()?.length === 2, 3_000);
  await world.run(one.member.close());
});

Deno.test("a member leaves in order, though the first request for it is lost", async () => {
  using world = new World(19);
  await create(world, 1);
  const { member } = await join(world);
  let times = 1;
  world.network.weathers.add({
    mishap: (api) => api === "LeaveGroup" && times-- > 0 ? "reset" : undefined,
  });
  await world.run(member.close());
  assertEquals(world.logger.messages("warn"), []);
});

Deno.test("the next member goes on at the committed offset", async () => {
  using world = new World(5);
  await create(world, 1);
  for (const value of ["0", "1", "2"]) await produce(world, value);
  const first = await join(world);
  await world.run(first.member.commit(new Map([[0, 2n]])));
  await world.run(first.member.close());
  const next = await join(world);
  await world.until(() => next.values.length > 0);
  assertEquals(next.values, ["2"]);
  await world.run(next.member.close());
});

Deno.test("a member whose coordinator moves stays a member", async () => {
  using world = new World(6);
  await create(world, 1);
  const { member, values, lost } = await join(world);
  world.cluster.groups.move();
  await world.until(() => world.clock.now() > 12_000);
  await produce(world, "after");
  await world.until(() => values.length === 1, 2_000);
  assertEquals([lost(), member.certain()], [0, undefined]);
  await world.run(member.close());
});

Deno.test("a member whose partition moves to another broker reads on", async () => {
  using world = new World(7);
  await create(world, 1);
  const { member, values } = await join(world);
  await produce(world, "before");
  await world.until(() => values.length === 1);
  world.cluster.topics.moveLeader(TOPIC, 0);
  await produce(world, "after");
  await world.until(() => values.length === 2, 2_000);
  await world.run(member.close());
});

Deno.test("a member survives the end of any broker", async () => {
  for (const nodeId of [0, 1, 2]) {
    using world = new World(8 + nodeId);
    await create(world, 3);
    const { member, values } = await join(world);
    world.cluster.stop(nodeId);
    world.network.cut(nodeId);
    await world.until(() => world.clock.now() > 5_000);
    for (const partition of [0, 1, 2]) await produce(world, `${partition}`, partition);
    await world.until(() => values.length === 3, 3_000);
    await world.run(member.close());
  }
});

Deno.test("after a pause longer than the session it is not certain that this is a member", async () => {
  using world = new World(11);
  await create(world, 1);
  const { member } = await join(world);
  world.clock.jump(7_000);
  assert(member.certain() !== undefined);
  await world.run(member.close());
});

Deno.test("a step of the machine's clock makes no gap", async () => {
  using world = new World(16);
  await create(world, 1);
  const program = world.begin("server");
  const { member } = await world.clock.as(program, () => join(world));
  program.wallOffset += 3_600_000;
  assert(world.clock.as(program, () => member.certain() === undefined));
  await world.run(member.close());
});

Deno.test("a step of the machine's clock hides no gap", async () => {
  using world = new World(17);
  await create(world, 1);
  const program = world.begin("server");
  const { member } = await world.clock.as(program, () => join(world));
  program.wallOffset -= 3_600_000;
  world.clock.jump(7_000);
  assertEquals(world.clock.as(program, () => member.certain() === undefined), false);
  await world.run(member.close());
});

Deno.test("after a pause longer than the session no record is delivered before the coordinator answers", async () => {
  using world = new World(12);
  await create(world, 1);
  const { member, values, lost } = await join(world);
  await produce(world, "while it stands still");
  world.clock.jump(7_000);
  await world.until(() => lost() === 1, 3_000);
  assertEquals(values, []);
  await world.until(() => values.length === 1);
  await world.run(member.close());
});

Deno.test("a member whose topic gets more partitions takes them", async () => {
  using world = new World(13);
  await create(world, 1);
  const { member, partitions } = await join(world);
  world.cluster.topics.addPartition(TOPIC);
  await world.until(() => partitions()?.length === 2, 10_000);
  await world.run(member.close());
});

Deno.test("a member takes more partitions within three seconds after brokers answer again", async () => {
  using world = new World(20);
  await create(world, 1);
  const { member, partitions } = await join(world);
  const addedAt = world.clock.now();
  world.cluster.topics.addPartition(TOPIC);
  world.network.weathers.add({
    mishap: (api) =>
      api === "Metadata" && world.clock.now() < addedAt + 6_000 ? "reset" : undefined,
  });
  await world.until(() => partitions()?.length === 2, 9_000);
  await world.run(member.close());
});

Deno.test("a member that a group refuses for good fails at once, with the reason", async () => {
  using world = new World(14);
  await create(world, 1);
  world.cluster.groups.joinError = 26;
  const error = await assertRejects(() => join(world), RpcError, "INVALID_SESSION_TIMEOUT");
  assert(error.message.includes("group.min.session.timeout.ms"), error.message);
  assert(world.clock.now() < 1_000, `${world.clock.now()}`);
});

Deno.test("a member ends its start with a coordinator that stays away, after five seconds", async () => {
  using world = new World(17);
  await create(world, 1);
  world.cluster.groups.joinError = COORDINATOR_NOT_AVAILABLE;
  await assertRejects(() => join(world), RpcError, "COORDINATOR_NOT_AVAILABLE");
  assert(world.clock.now() >= 5_000 && world.clock.now() < 7_000, `${world.clock.now()}`);
});

Deno.test("a coordinator that is away for a moment ends no start, however long it has taken", async () => {
  using world = new World(18);
  await create(world, 1);
  world.network.weathers.add({
    mishap: (api) => api === "JoinGroup" && world.clock.now() < 7_000 ? "reset" : undefined,
  });
  world.cluster.groups.joinError = COORDINATOR_NOT_AVAILABLE;
  const joining = join(world);
  await world.until(() => world.clock.now() > 9_000, 20_000);
  world.cluster.groups.joinError = 0;
  const { member, partitions } = await joining;
  assertEquals(partitions(), [0]);
  await world.run(member.close());
});

for (
  const [name, code, reason] of [
    ["is full", 81, "GROUP_MAX_SIZE_REACHED"],
    ["it may not read any more", 30, "may not Read group servers"],
  ] as const
) {
  Deno.test(`a running member of a group that ${name} tries again every two seconds, with one line`, async () => {
    using world = new World(15);
    await create(world, 1);
    const { member, partitions } = await join(world);
    world.cluster.groups.joinError = code;
    // It leads the group, and joins again to share out one more.
    world.cluster.topics.addPartition(TOPIC);
    const refusedAt = world.clock.now();
    await world.until(() => world.clock.now() > refusedAt + 20_000, 30_000);
    world.cluster.groups.joinError = 0;
    const healedAt = world.clock.now();
    await world.until(() => partitions()?.length === 2);
    assert(world.clock.now() - healedAt < 2_500, `${world.clock.now() - healedAt} ms`);
    const lines = world.logger.lines.items.filter(({ level }) => level === "warn");
    assertEquals(lines.map(({ message }) => message), [
      "consuming is interrupted, joining again",
    ]);
    assert(String(lines[0]!.fields["error"]).includes(reason), String(lines[0]!.fields["error"]));
    await world.run(member.close());
  });
}

Deno.test("a coordinator that is away for long is one line of the log, though leaders answer", async () => {
  using world = new World(16);
  await create(world, 1);
  const { member } = await join(world);
  const handle = world.cluster.handle.bind(world.cluster);
  let isAway = true;
  world.cluster.handle = ((nodeId: number, api: Api, ...rest: [never, AbortSignal]) => {
    const away = isAway && (api === "Heartbeat" || api === "FindCoordinator");
    const error = { throttleMs: 0, error: COORDINATOR_NOT_AVAILABLE };
    return away ? Promise.resolve(error) : handle(nodeId, api, ...rest);
  }) as typeof handle;
  const began = world.clock.now();
  await world.until(() => world.clock.now() > began + 20_000, 30_000);
  assertEquals(world.logger.messages("warn"), ["consuming is interrupted"]);
  isAway = false;
  await world.until(() => world.logger.messages("info").at(-1) === "consuming goes on");
  await world.run(member.close());
});

for (const [ms, lines] of [[1_000, 0], [8_000, 1]] as const) {
  Deno.test(`leaders of a new topic that do not know so for ${ms} ms are ${lines} lines of the log`, async () => {
    using world = new World(19);
    await create(world, 1);
    const handle = world.cluster.handle.bind(world.cluster);
    let isNew = true;
    world.cluster.handle = ((nodeId: number, api: Api, ...rest: [never, AbortSignal]) => {
      if (!isNew || api !== "Fetch") return handle(nodeId, api, ...rest);
      const partition = { topic: TOPIC, partition: 0, error: NOT_LEADER, highWatermark: -1n };
      const partitions = [{ ...partition, records: new Uint8Array() }];
      return Promise.resolve({ throttleMs: 0, error: 0, partitions });
    }) as typeof handle;
    const { member, values } = await join(world);
    const began = world.clock.now();
    await world.until(() => world.clock.now() > began + ms, 30_000);
    assertEquals(world.logger.messages("warn").length, lines);
    isNew = false;
    await produce(world, "a");
    await world.until(() => values.length === 1);
    await world.run(member.close());
  });
}
