// Where the connection comes from: flags, else the environment, else a profile.
import { assertEquals, assertThrows } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { connectionOf } from "../../src/cli/connection.ts";
import { CONNECTION_FLAGS, PROFILE_FLAGS } from "../../src/cli/connection_flags.ts";
import { ScratchFolder } from "../scratch_folder.ts";

const connection = (args: string[], environment: Record<string, string> = {}) =>
  connectionOf(
    parseArguments(args, { ...CONNECTION_FLAGS, ...PROFILE_FLAGS }),
    new Map(Object.entries(environment)),
  );

const PROFILE = {
  "brokers": ["a:1", "b:2"],
  "topic": "orders",
  "tls": true,
  "username": "me",
  "password-file": "secret",
};

async function withProfiles(
  use: (file: string) => void,
  profile: unknown = PROFILE,
): Promise<void> {
  await using folder = await ScratchFolder.create({
    "profiles.json": { prod: profile },
    "secret": "pass word\n",
  });
  use(`${folder.path}/profiles.json`);
}

Deno.test("names follow from the topic", () => {
  const { options: _, ...names } = connection(["--topic", "a"]);
  assertEquals(names, {
    topic: "a",
    resultsTopic: "a_results",
    controlTopic: "a_control",
    deadLetterTopic: "a-dlt",
    group: "a-servers",
    keys: { sign: undefined, verify: undefined },
  });
});

Deno.test("a flag comes before the environment", () => {
  const { topic } = connection(["--topic", "flag"], { KAFKA_RPC_TOPIC: "variable" });
  assertEquals(topic, "flag");
});

Deno.test("the variable KAFKA_BROKERS names the brokers", () => {
  assertEquals(connection([], { KAFKA_BROKERS: "a:1, b:2" }).options.brokers, ["a:1", "b:2"]);
});

Deno.test("a profile has what neither flags nor the environment say", () =>
  withProfiles((file) => {
    const environment = { KAFKA_RPC_PROFILE: "prod", KAFKA_RPC_TOPIC: "mine" };
    const { topic, options } = connection(["--profiles", file], environment);
    const { brokers, ssl, sasl } = options;
    const found = { topic, brokers, ssl, sasl };
    const login = { mechanism: "plain" as const, username: "me", password: "pass word" };
    assertEquals(found, { topic: "mine", brokers: ["a:1", "b:2"], ssl: true, sasl: login });
  }));

Deno.test("a profile that is not there is refused with the one that was meant", () =>
  withProfiles((file) => {
    const { message } = assertThrows(
      () => connection(["--profiles", file, "--profile", "prd"]),
      Error,
    );
    assertEquals(message.endsWith('"prd". Did you mean prod?'), true, message);
  }));

Deno.test("a setting that no profile has is refused with the one that was meant", () =>
  withProfiles((file) => {
    const { message } = assertThrows(
      () => connection(["--profiles", file, "--profile", "prod"]),
      Error,
    );
    assertEquals(message.endsWith('called "brokrs". Did you mean brokers?'), true, message);
  }, { brokrs: "a:1" }));

Deno.test("a user without a password is refused, and the flag for it named", () => {
  const { message } = assertThrows(() => connection(["--username", "me"]), Error);
  const advice = "Give --password-file FILE or the variable KAFKA_RPC_PASSWORD.";
  assertEquals(message, `Cannot use --username me: the password is missing. ${advice}`);
});

Deno.test("a mechanism that is not known is refused with the one that was meant", () => {
  const args = ["--username", "me", "--sasl-mechanism", "plian"];
  const { message } = assertThrows(() => connection(args), Error);
  assertEquals(message.endsWith("Did you mean plain?"), true, message);
});

Deno.test("--servername alone turns TLS on", () => {
  assertEquals(connection(["--servername", "kafka"]).options.ssl, { servername: "kafka" });
});

for (const [text, isOn] of [["true", true], ["1", true], ["false", false], ["0", false]] as const) {
  Deno.test(`the variable KAFKA_RPC_TLS, ${text}, turns TLS ${isOn ? "on" : "off"}`, () => {
    assertEquals(connection([], { KAFKA_RPC_TLS: text }).options.ssl, isOn);
  });
}

Deno.test("the variable KAFKA_RPC_TLS comes before a profile", () =>
  withProfiles((file) => {
    const environment = { KAFKA_RPC_PROFILE: "prod", KAFKA_RPC_TLS: "false" };
    assertEquals(connection(["--profiles", file], environment).options.ssl, false);
  }));

Deno.test("the variable KAFKA_RPC_TLS is refused where it says neither yes nor no", () => {
  const { message } = assertThrows(() => connection([], { KAFKA_RPC_TLS: "maybe" }), Error);
  const advice = "Give true or false.";
  assertEquals(message, `Cannot use the variable KAFKA_RPC_TLS: it is "maybe". ${advice}`);
});

const offBeside = (setting: string) =>
  "Cannot use the variable KAFKA_RPC_TLS: it turns TLS off, and " +
  `${setting} is for TLS. Leave one of them out.`;

for (
  const [what, args, environment, setting] of [
    ["a variable of TLS", [], { KAFKA_RPC_CA: "ca.pem" }, "KAFKA_RPC_CA"],
    ["a flag of TLS", ["--cert", "a.pem"], {}, "--cert"],
    ["a name for the certificate", [], { KAFKA_RPC_SERVERNAME: "kafka" }, "KAFKA_RPC_SERVERNAME"],
  ] as const
) {
  Deno.test(`the variable KAFKA_RPC_TLS, false, is refused beside ${what}`, () => {
    const given = { ...environment, KAFKA_RPC_TLS: "false" };
    const { message } = assertThrows(() => connection([...args], given), Error);
    assertEquals(message, offBeside(setting));
  });
}

Deno.test("the variable KAFKA_RPC_TLS, false, is refused beside a certificate of the profile", () =>
  withProfiles((file) => {
    const environment = { KAFKA_RPC_PROFILE: "prod", KAFKA_RPC_TLS: "false" };
    const { message } = assertThrows(() => connection(["--profiles", file], environment), Error);
    assertEquals(message, offBeside('"ca" of the profile prod'));
  }, { ...PROFILE, ca: "secret" }));

Deno.test("--tls comes before the variable KAFKA_RPC_TLS, also beside other settings of TLS", () => {
  const given = connection(["--tls", "--servername", "kafka"], { KAFKA_RPC_TLS: "false" });
  assertEquals(given.options.ssl, { servername: "kafka" });
});
