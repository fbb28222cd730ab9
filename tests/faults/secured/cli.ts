/**
 * The command-line tool on listeners that ask for TLS and a login.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { USERS } from "../../../tools/kafka/secured/listeners.ts";
import { type Ending, rpc, values } from "../../integration/cli/program.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { connect, serve, silentLogger } from "../../../mod.ts";
import { SHARED } from "../opening.ts";
import { foreign, node } from "./node.ts";

async function doctor(
  listener: "sasl_tls" | "open",
  args: string[],
  password = "",
): Promise<Ending> {
  await using files = await ScratchFolder.create({ "ca.pem": node.certificates.ca });
  const brokers = node.brokers(listener).join(",");
  const ca = args.includes("--tls") ? [] : ["--ca", `${files.path}/ca.pem`];
  const topic = `test-${crypto.randomUUID()}`;
  return await rpc(["doctor", "--json", "--brokers", brokers, "--topic", topic, ...ca, ...args], {
    env: { KAFKA_RPC_PASSWORD: password },
  });
}

const firstOf = (ending: Ending) =>
  (values(ending)[0] as { checks: { status: string; says: string }[] }).checks[0]!;

const LOGIN = ["--sasl-mechanism", "scram-sha-512", "--username", "admin"];

Deno.test("a doctor logs in over TLS, and says so", async () => {
  const { status, says } = firstOf(await doctor("sasl_tls", LOGIN, USERS.admin));
  const security = says.replace(/^reached in [\d.]+ m?s; /, "");
  assertEquals([status, security], ["ok", "TLS, scram-sha-512 as admin"]);
});

Deno.test("a wrong password: the broker's check fails; exit code 4", async () => {
  const ending = await doctor("sasl_tls", LOGIN, "wrong");
  assertEquals([ending.code, firstOf(ending).status], [4, "failed"]);
});

Deno.test("an authority that is not trusted: the broker's check fails; exit code 3", async () => {
  const ending = await doctor("sasl_tls", ["--tls", ...LOGIN], USERS.admin);
  assertEquals([ending.code, firstOf(ending).status], [3, "failed"]);
});

Deno.test("an expired certificate of one's own: the page of incidents has the words; exit code 3", async () => {
  const { folder } = node.certificates;
  const files = ["--ca", "ca.pem", "--cert", "expired-client.pem", "--key", "expired-client.key"];
  const args = files.map((word) => word.startsWith("--") ? word : `${folder}/${word}`);
  const ending = await rpc(["doctor", "--brokers", node.brokers("mutual_tls")[0]!, ...args]);
  // The part of the page from its command to what to do, without addresses, times and line ends.
  const kindOf = (text: string) =>
    text.slice(0, text.indexOf("sides.")).replaceAll(/127\.0\.0\.1:\d+/g, "…")
      .replaceAll(/\d{4}-\S+Z/g, "…").replaceAll(/\s+/g, " ");
  const page = await Deno.readTextFile(new URL("../../../docs/incidents.md", import.meta.url));
  const shown = page.slice(page.indexOf("✘", page.indexOf("--key expired-client.key")));
  assertEquals([ending.code, kindOf(ending.stdout)], [3, kindOf(shown)]);
});

/** What a line of `acls` grants, as kafka-acls.sh reads it. */
function granted(line: string) {
  const [, on, name] = / --(topic|group) (\S+)$/.exec(line)!;
  return [...line.matchAll(/ --operation (\w+)/g)].map(([, may]) => {
    return { on: on as "topic" | "group", name: name!, may: may! };
  });
}

Deno.test("what `acls` prints is all that a client and a server need", SHARED, async () => {
  const topic = `test-${crypto.randomUUID()}`;
  const { stdout } = await rpc(["acls", "--principal", "User:server", "--topic", topic]);
  for (const name of [topic, `${topic}_results`, `${topic}_control`]) {
    await foreign.createTopic(name);
  }
  await foreign.setRights("server", stdout.trim().split("\n").flatMap(granted));
  const sasl = { mechanism: "plain", username: "server", password: USERS.server } as const;
  const shared = { brokers: node.brokers("sasl"), topic, sasl, logger: silentLogger };
  const commands = { ping: () => "pong" };
  await using _server = await serve({ ...shared, commands, createTopics: false });
  await using client = await connect<typeof commands>({ ...shared, createTopics: false });
  assertEquals(await client.call("ping"), "pong");
  await foreign.setRights("server", []);
});

Deno.test("a doctor names the rights that are missing; exit code 1", SHARED, async () => {
  const login = ["--sasl-mechanism", "scram-sha-512", "--username", "client"];
  const ending = await doctor("sasl_tls", login, USERS.client);
  const [{ checks }] = values(ending) as [{ checks: { name: string; says: string }[] }];
  const rights = checks.find(({ name }) => name === "rights of a client");
  assertEquals([ending.code, rights?.says.startsWith("missing: Write on topic")], [1, true]);
});
