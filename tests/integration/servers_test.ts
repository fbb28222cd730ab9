// Servers that start late, share the work, are busy, and stop.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";
import { Place } from "./place.ts";

Deno.test("a server started after the call was produced still answers", async () => {
  await using place = new Place();
  const client = await place.connect({ waitForServer: true });
  const result = client.call("ping");
  await place.serve({ commands: { ping: () => "pong" } });
  assertEquals(await result, "pong");
});

Deno.test("a results topic of several partitions works", async () => {
  await using place = new Place();
  await place.createTopics({ results: 6 });
  await place.serve({ commands: { echo: (value: unknown) => value } });
  const clients = await Promise.all([1, 2, 3, 4].map(() => place.connect()));
  const results = await Promise.all(clients.map((client, i) => client.call("echo", i)));
  assertEquals(results, [0, 1, 2, 3]);
});

Deno.test("two servers share the partitions, and every call is answered once", async () => {
  await using place = new Place();
  await place.createTopics({ commands: 4 });
  const ran = new Arrivals<string>();
  const joined = { one: new Arrivals<number>(), two: new Arrivals<number>() };
  const serveAs = (name: "one" | "two") =>
    place.serve({
      commands: {
        work: (input: number) => {
          ran.push(`${name} ${input}`);
          return name;
        },
      },
      logger: {
        debug() {},
        info(_, fields) {
          const partitions = fields?.["partitions"];
          if (Array.isArray(partitions)) joined[name].push(partitions.length);
        },
        warn() {},
        error() {},
      },
    });
  await serveAs("one");
  await serveAs("two");
  const halves = (counts: readonly number[]) => counts.at(-1) === 2;
  await joined.one.until(halves, "half of the partitions");
  await joined.two.until(halves, "half of the partitions");
  const client = await place.connect();
  const inputs = Array.from({ length: 60 }, (_, i) => i);
  const answers = await Promise.all(inputs.map((i) => client.call("work", i)));
  assertEquals([new Set(answers).size, ran.items.length], [2, 60]);
});

Deno.test("never more than `concurrency` commands run at once, and all are answered", async () => {
  await using place = new Place();
  let [running, most] = [0, 0];
  await place.serve({
    concurrency: 4,
    commands: {
      busy: async () => {
        most = Math.max(most, ++running);
        // Turns of the loop of events, so that whatever may run at once does.
        for (let i = 0; i < 10; i++) await new Promise(setImmediate);
        running--;
      },
    },
  });
  const client = await place.connect();
  await Promise.all(Array.from({ length: 200 }, () => client.call("busy")));
  assertEquals(most, 4);
});

Deno.test("close() answers the command that runs, and commits it", async () => {
  await using place = new Place();
  const started = new Arrivals<string>();
  const gate = Promise.withResolvers<string>();
  const commands = {
    hold: (text: string) => {
      started.push(text);
      return gate.promise;
    },
  };
  const server = await place.serve({ commands });
  const client = await place.connect();
  const result = client.call("hold", "first");
  await started.at(0);
  const closed = server.close();
  gate.resolve("done");
  await closed;
  await place.serve({ commands });
  await client.call("hold", "second");
  assertEquals([await result, started.items], ["done", ["first", "second"]]);
});

Deno.test("a call after the last server left ends, long before its deadline", async () => {
  await using place = new Place();
  const server = await place.serve({ commands: { ping: () => "pong" } });
  const client = await place.connect();
  await client.call("ping");
  await server.close();
  // Where the close took longer than a reply is believed in, it is refused before it is sent.
  const call = () => client.call("ping", null, { timeoutMs: 60_000 });
  let error = await assertRejects(call, RpcError);
  // A broker that is late for a moment makes the client believe in its servers for ten seconds: what
  // it sends then waits to its deadline, and the next call is refused.
  if (error.code === "deadline_exceeded") error = await assertRejects(call, RpcError);
  assertStringIncludes(error.message, "no server listens on");
  assertEquals(error.code, "unavailable");
});

Deno.test("a command over drainTimeoutMs arrives as unavailable", async () => {
  await using place = new Place();
  const started = new Arrivals<void>();
  const server = await place.serve({
    drainTimeoutMs: 20,
    commands: {
      forever: () => {
        started.push();
        return new Promise(() => {});
      },
    },
  });
  const client = await place.connect();
  const rejected = assertRejects(
    () => client.call("forever"),
    RpcError,
    "the server stopped before",
  );
  await started.at(0);
  await server.close();
  assertEquals((await rejected).code, "unavailable");
});
