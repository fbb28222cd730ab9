import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import {
  connectAdvice,
  isFinal,
  kafkaError,
  protocolError,
} from "../../src/transport/kafkajs_errors.ts";
import { type RpcCode, RpcError } from "../../src/wire/errors.ts";

/** An error of the protocol, as kafkajs makes it. */
const protocol = (type: string): Error =>
  Object.assign(new Error(`about ${type}`), { name: "KafkaJSProtocolError", type });

const CODES: [string, RpcCode][] = [
  ["MESSAGE_TOO_LARGE", "resource_exhausted"],
  ["RECORD_LIST_TOO_LARGE", "resource_exhausted"],
  ["TOPIC_AUTHORIZATION_FAILED", "permission_denied"],
  ["GROUP_AUTHORIZATION_FAILED", "permission_denied"],
  ["SASL_AUTHENTICATION_FAILED", "unauthenticated"],
  ["ILLEGAL_SASL_STATE", "unauthenticated"],
  ["INVALID_TOPIC_EXCEPTION", "invalid_argument"],
  ["UNKNOWN_TOPIC_OR_PARTITION", "failed_precondition"],
  ["INVALID_REPLICATION_FACTOR", "invalid_argument"],
  ["NOT_LEADER_FOR_PARTITION", "unavailable"],
];
for (const [type, code] of CODES) {
  Deno.test(`${type} is ${code}`, () => {
    assertEquals(kafkaError(protocol(type), "send").code, code);
  });
}

Deno.test("an error of the protocol is found under the retries that wrap it", () => {
  const wrapped = new Error("retries exceeded", { cause: protocol("MESSAGE_TOO_LARGE") });
  assertEquals(protocolError(new Error("outer", { cause: wrapped })), "MESSAGE_TOO_LARGE");
});

Deno.test("a failure that is not about the protocol has no protocol error", () => {
  assertEquals(protocolError(new Error("socket closed")), undefined);
});

Deno.test("wrong credentials are told by the class of the error", () => {
  const error = Object.assign(new Error("no"), { name: "KafkaJSSASLAuthenticationError" });
  assertEquals(kafkaError(error, "connect").code, "unauthenticated");
});

Deno.test("the text says what could not be done, why, and what to do", () => {
  assertEquals(
    kafkaError(new Error("Connection timeout."), "send to t").message,
    "Cannot send to t: Connection timeout. " +
      "Check that the brokers are up and can be reached from here.",
  );
});

Deno.test("an RpcError stays as it is", () => {
  const error = new RpcError("aborted", "text");
  assertStrictEquals(kafkaError(error, "send"), error);
});

for (const thrown of [undefined, null, "text", {}]) {
  Deno.test(`a thrown ${Deno.inspect(thrown)} is unavailable`, () => {
    assertEquals(kafkaError(thrown, "send").code, "unavailable");
  });
}

Deno.test("missing rights and wrong credentials are final, an absent broker is not", () => {
  const codes: RpcCode[] = [
    "permission_denied",
    "unauthenticated",
    "invalid_argument",
    "unavailable",
    "failed_precondition",
  ];
  assertEquals(codes.map((code) => isFinal(new RpcError(code, "text"))), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

const ADVICE: [string, string][] = [
  ["self-signed certificate in certificate chain", "`ssl: { ca }`"],
  ["Client network socket disconnected before secure TLS connection was established", "the port"],
  ["Closed connection", "may want TLS or SASL"],
  ["connect ECONNREFUSED 127.0.0.1:9092", "Start a broker there"],
];
for (const [reason, advice] of ADVICE) {
  Deno.test(`"${reason}" comes with what is probably wrong`, () => {
    assertStringIncludes(connectAdvice(reason), advice);
  });
}
