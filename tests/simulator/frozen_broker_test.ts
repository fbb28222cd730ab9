// What a broker is sent that answers nothing for longer than calls wait.
import { assertEquals } from "@std/assert";
import { connect, serve } from "@kafka-rpc/deno";
import { delay } from "../../src/async/delay.ts";
import type { Api, Requests } from "../../src/transport/kafka/port.ts";
import { World } from "./world.ts";

const TOPIC = "commands";
const FROZEN_MS = 60_000;
const TIMEOUT_MS = 20_000;
const EVERY_MS = 100;
/** Between two machines. */
const LATENCY_MS = 5;

/** How late each request is that comes to the brokers, in milliseconds. */
function lateness(world: World): number[] {
  const late: number[] = [];
  const { cluster, clock } = world;
  const handle = cluster.handle.bind(cluster);
  cluster.handle = ((nodeId: number, api: Api, request: never, gone: AbortSignal) => {
    if (api === "Produce") {
      const { partitions } = request as Requests["Produce"];
      for (const { topic, records } of partitions) {
        if (topic !== TOPIC) continue;
        late.push(...records.map(({ headers }) => {
          return clock.wallTime() - Number(headers["rpc-deadline"]);
        }));
      }
    }
    return handle(nodeId, api, request, gone);
  }) as typeof handle;
  return late;
}

Deno.test("calls that ended while a broker answered nothing are not sent when it answers again", async () => {
  using world = new World(2, 1);
  const late = lateness(world);
  const program = world.begin("program");
  const side = { topic: TOPIC, transport: world.transport(program), logger: world.log(program) };
  await world.clock.as(program, async () => {
    const server = await world.run(serve({
      ...side,
      commands: { echo: (input: unknown) => input },
      createTopics: { partitions: 4 },
      signal: new AbortController().signal,
    }));
    const client = await world.run(connect({ ...side, transport: world.transport(program) }));
    const frozen = { unreachable: 0 };
    world.network.silence(0);
    world.network.weathers.add(frozen);
    const calls: Promise<string>[] = [];
    for (let begun = 0; begun * EVERY_MS < FROZEN_MS; begun++) {
      calls.push(
        client.call("echo", begun, { timeoutMs: TIMEOUT_MS }).then(
          () => "ok",
          (error) => error.code,
        ),
      );
      await world.run(delay(EVERY_MS));
    }
    world.network.weathers.delete(frozen);
    const outcomes = await world.run(Promise.all(calls));
    assertEquals(outcomes.slice(-150).filter((outcome) => outcome !== "ok"), []);
    assertEquals(late.filter((ms) => ms > LATENCY_MS), []);
    await world.run(client.close());
    await world.run(server.close());
  });
});
