// `rpc doctor` on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { closedAddress } from "../../closed_address.ts";
import { Place } from "../place.ts";
import { type Ending, rpc, values } from "./program.ts";

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { name: string; status: string; says: string; advice?: string }[];
}

const report = (ending: Ending) => values(ending)[0] as Report;

/** Status by name; names hold the topic of the test, and the address of the broker. */
function statuses({ checks }: Report, topic: string): Record<string, string> {
  const short = (name: string) => name.replace(topic, "T").replace(/^broker .*/, "broker");
  return Object.fromEntries(checks.map(({ name, status }) => [short(name), status]));
}

Deno.test("a doctor finds a cluster with a server in order", async (t) => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" } });
  const ending = await rpc(["doctor", "--topic", place.topic, "--json"]);

  await t.step("each check is ok; exit code 0", () => {
    assertEquals([ending.code, statuses(report(ending), place.topic)], [0, {
      "broker": "ok",
      "topic T": "ok",
      "topic T_results": "ok",
      "topic T_control": "ok",
      "topic T-dlt": "skipped",
      "rights of a client": "ok",
      "rights of a server": "ok",
      "group T-servers": "ok",
      "a call": "ok",
      "clocks": "ok",
    }]);
  });

  await t.step("people get a line each, with a glyph before it", async () => {
    const { stdout } = await rpc(["doctor", "--topic", place.topic]);
    assertMatch(stdout, /^✔ a call +server \S+ answered in [\d.]+ m?s$/m);
  });
});

Deno.test("without a server a doctor writes to itself, and says that none listens", async () => {
  await using place = new Place();
  await place.createTopics({ commands: 2, results: 2 });
  const ending = await rpc(["doctor", "--topic", place.topic, "--json"]);
  const found = statuses(report(ending), place.topic);
  assertEquals([ending.code, found["group T-servers"], found["a record to oneself"]], [
    0,
    "warning",
    "ok",
  ]);
});

Deno.test("topics that are missing fail, with what to do; exit code 1", async () => {
  const topic = `test-${crypto.randomUUID()}`;
  const ending = await rpc(["doctor", "--topic", topic, "--json"]);
  const check = report(ending).checks.find(({ name }) => name === `topic ${topic}`);
  assertEquals([ending.code, check], [1, {
    name: `topic ${topic}`,
    status: "failed",
    says: "not there",
    advice: "Run `rpc topics create`, or start a server, which creates it where it may.",
  }]);
});

Deno.test("no broker: one failed check; exit code 3", async () => {
  const ending = await rpc(["doctor", "--brokers", closedAddress(), "--json"]);
  const { checks } = report(ending);
  assertEquals([ending.code, checks.map(({ status }) => status)], [3, ["failed"]]);
});
