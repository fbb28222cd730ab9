import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import {
  checkCommand,
  checkMetadata,
  clientSettings,
  type ConnectOptions,
} from "../../src/client/options.ts";
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

const WRONG: [ConnectOptions, string][] = [
  [{ topic: "a b" }, "topic"],
  [{ resultsTopic: "" }, "resultsTopic"],
  [{ timeoutMs: 0 }, "timeoutMs"],
  [{ timeoutMs: Infinity }, "timeoutMs"],
  [{ maxPending: 1.5 }, "maxPending"],
  [{ requestBytes: -1 }, "requestBytes"],
];
for (const [options, name] of WRONG) {
  Deno.test(`${Deno.inspect(options)} is refused, by the name of the option`, () => {
    assertThrows(() => clientSettings(options), RpcError, `Cannot use ${name} = `);
  });
}

Deno.test("one topic for both ways is refused", () => {
  const options = { topic: "x", resultsTopic: "x" };
  assertThrows(() => clientSettings(options), RpcError, "as `topic` and as `resultsTopic`");
});

Deno.test("metadata may be any text", () => {
  assertEquals(checkMetadata({ tenant: "Grüße" }), { tenant: "Grüße" });
});

Deno.test("metadata that is no text is refused, by name", () => {
  const metadata = { tenant: 5 as unknown as string };
  assertThrows(() => checkMetadata(metadata), RpcError, '"tenant": its value is of type number');
});

Deno.test("metadata under a name of the protocol is refused", () => {
  assertThrows(() => checkMetadata({ "rpc-id": "x" }), RpcError, "uses that name itself");
});

for (const command of ["add", "a b", "__proto__", "größe", "x".repeat(255)]) {
  Deno.test(`${command.slice(0, 20)} may be the name of a command`, () => {
    assertEquals(checkCommand(command), command);
  });
}

for (const command of ["", "a\nb", "\0", "x".repeat(256), 5 as unknown as string]) {
  Deno.test(`${JSON.stringify(command).slice(0, 20)} can't be the name of a command`, () => {
    assertThrows(() => checkCommand(command), RpcError, "1 to 255 printable characters");
  });
}
