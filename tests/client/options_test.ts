import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { clientSettings, type ConnectOptions } from "../../src/client/options.ts";
import { RpcError } from "../../src/wire/errors.ts";

Deno.test("every setting has a default", () => {
  assertObjectMatch(clientSettings({}), {
    topic: "commands",
    resultsTopic: "commands_results",
    timeoutMs: 30_000,
    maxPending: 10_000,
    requestBytes: 1_000_000,
    group: "commands-servers",
    waitForServer: false,
    breaker: undefined,
    controlTopic: "commands_control",
  });
});

Deno.test("the results topic follows the topic", () => {
  assertEquals(clientSettings({ topic: "jobs" }).resultsTopic, "jobs_results");
});

const WRONG: [unknown, string][] = [
  [null, "the options of connect(): they are null"],
  [{ timeout: 5 }, "`timeout`: connect() has no option of this name. Did you mean `timeoutMs`?"],
  [{ evaluate: true }, "`evaluate`: connect() has no option of this name. There are brokers, "],
  [{ attempts: 3 }, "Did you mean `retry.attempts`?"],
  [{ brokers: [5] }, "`brokers[0]`: 5 is no text"],
  [{ sasl: {} }, "`sasl.mechanism`: it is missing"],
  [{ topic: "a b" }, "`topic`"],
  [{ resultsTopic: "" }, "`resultsTopic`"],
  [{ timeoutMs: 0 }, "`timeoutMs`"],
  [{ timeoutMs: Infinity }, "`timeoutMs`"],
  [{ maxPending: 1.5 }, "`maxPending`"],
  [{ requestBytes: -1 }, "`requestBytes`"],
  [{ group: "" }, "`group`"],
  [{ codec: {} }, "`codec`: it is no { contentType, encode, decode }."],
  [{ waitForServer: "yes" }, '`waitForServer`: it is "yes". Give true or false.'],
  [{ cancellation: 0 }, "`cancellation`"],
  [{ signal: {} }, "`signal`"],
  [{ retry: true }, "`retry`: it is a boolean, not an object. Give { attempts: 3 }."],
  [{ retry: { attempt: 3 } }, "`retry.attempt`: `retry` has no option of this name."],
  [{ retry: { attempts: 101 } }, "`retry.attempts`: it is 101. Give a whole number from 1 to 100."],
  [{ retry: { backoffMs: NaN } }, "`retry.backoffMs`: it is NaN."],
  [{ retry: { maxBackoffMs: null } }, "`retry.maxBackoffMs`: it is null."],
  [{ retry: { codes: "unavailable" } }, '`retry.codes`: it is "unavailable", not a list.'],
  [
    { retry: { codes: ["unavailible"] } },
    '`retry.codes[0]`: it is "unavailible". Did you mean "unavailable"?',
  ],
  [{ control: false }, "Did you mean `cancellation`?"],
  [{ breaker: { failure: 1 } }, "Did you mean `breaker.failures`?"],
  [{ breaker: { failures: 1_001 } }, "`breaker.failures`"],
  [{ breaker: { resetMs: "5" } }, '`breaker.resetMs`: it is "5".'],
];
for (const [options, text] of WRONG) {
  Deno.test(`a client of ${Deno.inspect(options)} is refused: ${text}`, () => {
    const error = assertThrows(() => clientSettings(options as ConnectOptions), RpcError, text);
    assertEquals(error.code, "invalid_argument");
  });
}

Deno.test("credentials are copied: what the caller changes later changes nothing", () => {
  const sasl = { mechanism: "plain" as const, username: "bob", password: "one" };
  const { connection } = clientSettings({ sasl });
  sasl.password = "two";
  assertEquals(connection.sasl, { mechanism: "plain", username: "bob", password: "one" });
});

Deno.test("one topic for both ways is refused", () => {
  const options = { topic: "x", resultsTopic: "x" };
  assertThrows(() => clientSettings(options), RpcError, "as `topic` and as `resultsTopic`");
});
