// `rpc topics` on a real broker.
import { assertEquals } from "@std/assert";
import { rpc, values } from "./program.ts";

Deno.test("an operator creates the topics of a service", async (t) => {
  const topic = `test-${crypto.randomUUID()}`;
  const at = ["--topic", topic, "--json"];

  await t.step("before that a check fails; exit code 1", async () => {
    assertEquals((await rpc(["topics", "check", ...at])).code, 1);
  });

  await t.step("they get the partitions that are asked for; exit code 0", async () => {
    const ending = await rpc(["topics", "create", "--partitions", "3", ...at]);
    assertEquals([ending.code, values(ending)], [0, [{
      ok: true,
      topics: [
        { topic, partitions: 3, created: true },
        { topic: `${topic}_results`, partitions: 3, created: true },
        { topic: `${topic}_control`, partitions: 1, created: true },
      ],
    }]]);
  });

  await t.step("a second time nothing is changed; exit code 0", async () => {
    const ending = await rpc(["topics", "create", "--partitions", "5", ...at]);
    const [{ topics }] = values(ending) as [{ topics: { partitions: number; created: boolean }[] }];
    assertEquals([ending.code, topics[0]], [0, { topic, partitions: 3, created: false }]);
  });

  await t.step("now a check passes; exit code 0", async () => {
    assertEquals((await rpc(["topics", "check", ...at])).code, 0);
  });
});

Deno.test("an action that topics does not have: exit code 2, and the one that was meant", async () => {
  const { code, stderr } = await rpc(["topics", "creat"]);
  assertEquals([code, stderr.endsWith("Did you mean create?\n")], [2, true], stderr);
});
