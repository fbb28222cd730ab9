import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  asRpcError,
  asRunningError,
  judge,
  KafkaFailure,
} from "../../../src/transport/kafka/errors.ts";
import { type Api, ConnectionFailed } from "../../../src/transport/kafka/port.ts";

const failure = (error: number, api: Api = "Produce", message?: string) =>
  new KafkaFailure(api, "topic t", { error, message });

const kinds = (code: number, api?: Api) => {
  const verdicts = [judge(failure(code, api), "start"), judge(failure(code, api), "running")];
  return verdicts.map(({ kind }) => kind);
};

for (
  const [code, name, start, running] of [
    [3, "UNKNOWN_TOPIC_OR_PARTITION", "outage", "refused"],
    [5, "LEADER_NOT_AVAILABLE", "outage", "outage"],
    [6, "NOT_LEADER_OR_FOLLOWER", "outage", "outage"],
    [10, "MESSAGE_TOO_LARGE", "refused", "refused"],
    [15, "COORDINATOR_NOT_AVAILABLE", "outage", "outage"],
    [23, "INCONSISTENT_GROUP_PROTOCOL", "refused", "refused"],
    [26, "INVALID_SESSION_TIMEOUT", "refused", "refused"],
    [29, "TOPIC_AUTHORIZATION_FAILED", "outage", "refused"],
    [32, "INVALID_TIMESTAMP", "refused", "refused"],
    [38, "INVALID_REPLICATION_FACTOR", "misconfigured", "misconfigured"],
    [81, "GROUP_MAX_SIZE_REACHED", "refused", "refused"],
    [87, "INVALID_RECORD", "refused", "refused"],
    [89, "THROTTLING_QUOTA_EXCEEDED", "throttled", "throttled"],
    [131, "131", "outage", "outage"],
  ] as const
) {
  Deno.test(`${name} is ${start} at a start, ${running} later`, () => {
    assertEquals(kinds(code), [start, running]);
    assertStringIncludes(failure(code).message, name);
  });
}

Deno.test("what a start meets for a moment is marked as that", () => {
  const momentary = [3, 15, 29, 30].map((code) => judge(failure(code), "start").momentary);
  assertEquals(momentary, [true, true, true, true]);
});

Deno.test("what shows that memory is outdated says which", () => {
  assertEquals([6, 16, 19].map((code) => judge(failure(code), "running").refreshes), [
    "metadata",
    "coordinator",
    undefined,
  ]);
});

for (
  const [api, operation] of [
    ["Produce", "Write"],
    ["Fetch", "Read"],
    ["CreateTopics", "Create"],
    ["DescribeGroups", "Describe"],
    ["JoinGroup", "Read"],
  ] as const
) {
  Deno.test(`a right that ${api} needs is named ${operation}`, () => {
    const error = asRpcError(failure(29, api), "go on");
    assertEquals([error.code, error.message], [
      "permission_denied",
      `Cannot go on: may not ${operation} topic t: TOPIC_AUTHORIZATION_FAILED. ` +
      "Grant this principal the ACL.",
    ]);
  });
}

for (const [code, advice] of [[10, "max.message.bytes"], [76, "compression"]] as const) {
  Deno.test(`the advice about code ${code} is to change \`${advice}\``, () => {
    assertStringIncludes(asRpcError(failure(code), "send").message, `\`${advice}\``);
  });
}

Deno.test("the broker's own text arrives", () => {
  const error = asRpcError(failure(44, "CreateTopics", "Too few replicas."), "create t");
  assertStringIncludes(error.message, "POLICY_VIOLATION: Too few replicas. Ask for");
});

/** What is said of a connection to these addresses. */
function said(addresses: string, message: string): string {
  const failed = new ConnectionFailed("network", message);
  return asRpcError(failed, `connect to Kafka at ${addresses}`).message;
}

for (
  const [message, reason] of [
    ["b:1: no answer within 4000 ms", "no answer within 4000 ms"],
    ["b:1 closed the connection", "it closed the connection"],
  ] as const
) {
  Deno.test(`"${message}" does not name the one address again`, () => {
    assertStringIncludes(said("b:1", message), `Cannot connect to Kafka at b:1: ${reason}. Start`);
  });
}

Deno.test("of several addresses the error names the one that failed", () => {
  const text = "Cannot connect to Kafka at b:1,c:2: c:2: connect ECONNREFUSED. Start";
  assertStringIncludes(said("b:1,c:2", "c:2: connect ECONNREFUSED"), text);
});

Deno.test("an RpcError stays as it is", () => {
  const error = asRpcError(failure(6), "send");
  assertEquals(asRpcError(error, "do another thing"), error);
});

for (
  const [kind, start, rpc] of [
    ["network", "outage", "unavailable"],
    ["authentication", "refused", "unauthenticated"],
    ["credentials", "outage", "unavailable"],
    ["token", "outage", "unavailable"],
    ["tls_options", "misconfigured", "invalid_argument"],
    ["permission", "misconfigured", "permission_denied"],
    ["unsupported", "refused", "unimplemented"],
  ] as const
) {
  Deno.test(`a connection that failed by ${kind} is ${start} and ${rpc}`, () => {
    const failed = new ConnectionFailed(kind, "said so");
    assertEquals([judge(failed, "start").kind, asRpcError(failed, "connect").code], [start, rpc]);
  });
}

Deno.test("a certificate that is refused ends a start after a moment", () => {
  const { kind, momentary } = judge(new ConnectionFailed("tls", "expired"), "start");
  assertEquals([kind, momentary], ["outage", true]);
});

for (
  const [kind, start] of [
    ["authentication", "refused"],
    ["tls", "outage"],
    ["tls_options", "outage"],
  ] as const
) {
  Deno.test(`credentials that can change, refused by ${kind}: ${start} at a start, an outage later`, () => {
    const failure = new ConnectionFailed(kind, "no", { mayPass: true });
    assertEquals(judge(failure, "start").kind, start);
    assertEquals(judge(failure, "running").kind, "outage");
  });
}

Deno.test("of credentials that can change, a certificate without its key ends a start that lasts", () => {
  const failure = new ConnectionFailed("tls_options", "no", { mayPass: true });
  assertEquals(judge(failure, "start").momentary, true);
});

Deno.test("a record that refused credentials hold back may be sent again where they can change", () => {
  const failure = (mayPass: boolean) => new ConnectionFailed("authentication", "no", { mayPass });
  assertEquals(asRunningError(failure(true), "send").code, "unavailable");
  assertEquals(asRunningError(failure(false), "send").code, "unauthenticated");
});
