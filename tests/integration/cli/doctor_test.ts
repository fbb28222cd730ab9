// `rpc doctor` on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import type { ITopicConfig } from "kafkajs";
import { Kafka, logLevel } from "../../../tools/quiet_kafkajs.ts";
import { closedAddress } from "../../closed_address.ts";
import { SteppedClock } from "../../faults/stepped_clock.ts";
import { Place } from "../place.ts";
import { type Ending, rpc, values } from "./program.ts";

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { name: string; status: string; says: string; advice?: string }[];
}

const report = (ending: Ending) => values(ending)[0] as Report;

const PAGE = await Deno.readTextFile(new URL("../../../docs/cli.md", import.meta.url));

/** The lines of a doctor without what differs from one cluster to the next. */
function kindOf(text: string, topic: string): string {
  return text.replaceAll(topic, "T")
    .replaceAll(/\d[\d.]*( m?s\b)?/g, (_, unit) => unit === undefined ? "N" : "N ms")
    .replaceAll(/(broker|server|on) \S+/g, "$1 …")
    .replaceAll(/ahead|behind/g, "off")
    .replaceAll(/\s+/g, " ").trim();
}

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

  await t.step("people get what the page shows", async () => {
    const { stdout } = await rpc(["doctor", "--topic", place.topic]);
    const [, shown = ""] = /\$ rpc doctor\n([^]*?)```/.exec(PAGE)!;
    assertEquals(kindOf(stdout, place.topic), kindOf(shown, "commands"));
  });
});

Deno.test("a server whose clock differs is a warning, with what to do", async () => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" } });
  using clock = new SteppedClock(5_000);
  const ending = await rpc(["doctor", "--topic", place.topic, "--json"], { clock });
  const check = report(ending).checks.find(({ name }) => name === "clocks");
  assertEquals([ending.code, check?.status], [0, "warning"], ending.stdout);
  assertMatch(check!.says, /^the server's is [45](\.\d)? s behind, /);
});

/** What is not as calls need it; `says` begins with what is as it is. */
const FINDINGS: Readonly<Record<string, string>> = {
  "T": "values up to 1 000 000 bytes are allowed by default, and do not fit; " +
    "that is shorter than the time of a call; the broker compresses again (compression.type=gzip)",
  "T_results": "min.insync.replicas is 2: nothing can be written; " +
    "old records are never deleted (cleanup.policy)",
  "T_control": "only partition 0 of it is used",
};

Deno.test("settings of topics that calls do not get on with are named, with what to do", async () => {
  const topic = `test-${crypto.randomUUID()}`;
  const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "T": { "max.message.bytes": "500000", "retention.ms": "59000", "compression.type": "gzip" },
    "T_results": { "min.insync.replicas": "2", "cleanup.policy": "compact" },
    "T_control": {},
  };
  await createTopics(
    Object.entries(settings).map(([name, entries]) => ({
      topic: name.replace("T", topic),
      numPartitions: 2,
      configEntries: Object.entries(entries).map(([name, value]) => ({ name, value })),
    })),
  );
  const ending = await rpc(["topics", "check", "--topic", topic, "--json"]);
  const { checks } = report(ending);
  const found = checks.map(({ name, says, advice }) => {
    const [, ...findings] = says.split("; ");
    return [name.replace(`topic ${topic}`, "T"), findings.join("; "), advice !== undefined];
  });
  assertEquals(found, Object.entries(FINDINGS).map(([name, says]) => [name, says, true]));
  assertEquals([ending.code, checks.map(({ status }) => status)], [
    1,
    ["warning", "failed", "warning"],
  ]);
});

async function createTopics(topics: ITopicConfig[]): Promise<void> {
  const brokers = (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics, waitForLeaders: false });
  await admin.disconnect();
}

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
