// Credentials that are asked for, or read from files, at each connection; time is the test's.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { silentLogger } from "../../../src/logging/logger.ts";
import type { ConnectionOptions } from "../../../src/transport/connection_options.ts";
import { Credentials, fixedLogin } from "../../../src/transport/kafka/credentials.ts";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { ManualClock } from "../../manual_clock.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { never } from "./fake_port.ts";

const { signal } = new AbortController();
const PLAIN = { mechanism: "plain", username: "u", password: "p" } as const;
const FIXTURES = new URL("./fixtures/", import.meta.url);
const pemOf = (name: string) => Deno.readTextFileSync(new URL(name, FIXTURES));

const credentials = (given: Pick<ConnectionOptions, "ssl" | "sasl">): Credentials =>
  new Credentials(given, silentLogger);

const failureOf = (given: Pick<ConnectionOptions, "ssl" | "sasl">): Promise<ConnectionFailed> =>
  assertRejects(() => credentials(given).ask(signal), ConnectionFailed);

Deno.test("options without functions and files can't change", () => {
  assertEquals(fixedLogin({ ssl: true, sasl: PLAIN }), { ssl: true, sasl: PLAIN });
  assertEquals(fixedLogin({ ssl: false }), { ssl: undefined, sasl: undefined });
});

Deno.test("functions and files can change, also one authority of several", () => {
  const file = "/x";
  const changing = [
    { ssl: () => ({}) },
    { sasl: () => PLAIN },
    { sasl: { ...PLAIN, password: { file } } },
    { ssl: { ca: ["text", { file }] } },
  ];
  assertEquals(changing.map(fixedLogin), changing.map(() => undefined));
});

Deno.test("functions are asked for each connection", async () => {
  let asked = 0;
  const given = credentials({ sasl: () => ({ ...PLAIN, password: `p${++asked}` }) });
  const passwords = [await given.ask(signal), await given.ask(signal)]
    .map(({ sasl }) => (sasl as { password: string }).password);
  assertEquals(passwords, ["p1", "p2"]);
});

Deno.test("a file stands for its content, without the end of its last line", async () => {
  await using files = await ScratchFolder.create({ "password": "s3cret\n", "ca": "CA\r\n" });
  const file = (name: string) => ({ file: `${files.path}/${name}` });
  const { ssl, sasl } = await credentials({
    ssl: { ca: ["text", file("ca")], servername: "b" },
    sasl: { ...PLAIN, password: file("password") },
  }).ask(signal);
  assertEquals([ssl, sasl], [{ ca: ["text", "CA"], servername: "b" }, {
    ...PLAIN,
    password: "s3cret",
  }]);
});

Deno.test("what a function gives may name files", async () => {
  await using files = await ScratchFolder.create({ "password": "s3cret" });
  const file = `${files.path}/password`;
  const { sasl } = await credentials({ sasl: () => ({ ...PLAIN, password: { file } }) })
    .ask(signal);
  assertEquals(sasl, { ...PLAIN, password: "s3cret" });
});

Deno.test("a function that fails is a failure of the credentials, with its own text", async () => {
  const { kind, message } = await failureOf({ sasl: () => Promise.reject(new Error("HTTP 503")) });
  assertEquals([kind, message], ["credentials", "the function `sasl` failed: HTTP 503"]);
});

Deno.test("a function that throws at once is the same failure", async () => {
  const ssl = () => {
    throw new Error("no such secret");
  };
  assertStringIncludes((await failureOf({ ssl })).message, "`ssl` failed: no such secret");
});

Deno.test("a function is waited for 5 seconds, and its signal aborts then", async () => {
  using clock = new ManualClock();
  let given: AbortSignal | undefined;
  const failing = failureOf({
    sasl: ({ signal }) => {
      given = signal;
      return never();
    },
  });
  await clock.advance(5_000);
  assertStringIncludes((await failing).message, "`sasl` failed: no answer within 5000 ms");
  assertEquals(given?.aborted, true);
});

Deno.test("an opening that ends is the end of the wait for a function", async () => {
  const ending = new AbortController();
  const asking = credentials({ sasl: () => never() }).ask(ending.signal);
  ending.abort(new Error("closed"));
  await assertRejects(() => asking, Error, "closed");
});

Deno.test("what a function must not give is refused by name", async () => {
  const sasl = () => ({ ...PLAIN, password: "" });
  const text = "Cannot use the option `sasl().password`: it is empty.";
  await assertRejects(() => credentials({ sasl }).ask(signal), RpcError, text);
});

Deno.test("a missing file is a failure of the credentials that names option and file", async () => {
  const { kind, message } = await failureOf({ ssl: { ca: { file: "/nowhere/ca.pem" } } });
  assertEquals(kind, "credentials");
  assertStringIncludes(message, "`ssl.ca`: No such file or directory");
  assertStringIncludes(message, "/nowhere/ca.pem");
});

Deno.test("an empty file is a failure of the credentials", async () => {
  await using files = await ScratchFolder.create({ "password": "\n" });
  const file = `${files.path}/password`;
  const { message } = await failureOf({ sasl: { ...PLAIN, password: { file } } });
  assertStringIncludes(message, "`sasl.password`: the file ");
  assertStringIncludes(message, "is empty");
});

Deno.test("a connection is outdated at the first look after a file was replaced", async () => {
  using clock = new ManualClock();
  await using files = await ScratchFolder.create({ "v1/password": "one", "v2/password": "two!" });
  // As Kubernetes does it: the file is behind a link, and the link is replaced.
  await files.write({ "now": "->v1" });
  const file = `${files.path}/now/password`;
  const { isOutdated } = await credentials({ sasl: { ...PLAIN, password: { file } } }).ask(signal);
  await Deno.remove(`${files.path}/now`);
  await files.write({ "now": "->v2" });
  clock.jump(9_000);
  assertEquals(isOutdated(), false);
  clock.jump(1_000);
  assertEquals(isOutdated(), true);
});

Deno.test("a connection is not outdated while its files are as they were", async () => {
  using clock = new ManualClock();
  await using files = await ScratchFolder.create({ "password": "one" });
  const file = `${files.path}/password`;
  const { isOutdated } = await credentials({ sasl: { ...PLAIN, password: { file } } }).ask(signal);
  clock.jump(86_400_000);
  assertEquals(isOutdated(), false);
});

Deno.test("a certificate that a function gave is outdated at 80 % of the time that it had left", async () => {
  using clock = new ManualClock();
  const cert = pemOf("client.pem"); // it ends ten hours after the clock's begin
  const { isOutdated } = await credentials({ ssl: () => ({ cert, key: pemOf("client.key") }) })
    .ask(signal);
  clock.jump(7.9 * 3_600_000);
  assertEquals(isOutdated(), false);
  clock.jump(0.2 * 3_600_000);
  assertEquals(isOutdated(), true);
});

Deno.test("a certificate that is over is asked for anew once a minute", async () => {
  using clock = new ManualClock();
  clock.jump(20 * 3_600_000);
  const ssl = () => ({ cert: pemOf("client.pem"), key: pemOf("client.key") });
  const { isOutdated } = await credentials({ ssl }).ask(signal);
  clock.jump(59_000);
  assertEquals(isOutdated(), false);
  clock.jump(2_000);
  assertEquals(isOutdated(), true);
});

Deno.test("a key of another certificate is one of the failures that may pass", async () => {
  const ssl = () => ({ cert: pemOf("client.pem"), key: pemOf("other.key") });
  const failure = await assertRejects(
    () => credentials({ ssl }).use(() => Promise.resolve(), signal),
    ConnectionFailed,
  );
  assertEquals([failure.kind, failure.mayPass], ["tls_options", true]);
});
