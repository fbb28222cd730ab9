import { assertEquals, assertThrows } from "@std/assert";
import { AssignerProtocol } from "kafkajs";
import {
  decodeAssignment,
  decodeName,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../../../../src/transport/kafka/group/consumer_protocol.ts";

const { MemberMetadata, MemberAssignment } = AssignerProtocol;

Deno.test("a member's name is read from its subscription", () => {
  assertEquals(decodeName(encodeSubscription(["t"], "kafka-rpc-1")), "kafka-rpc-1");
});

Deno.test("a member without a name has none", () => {
  assertEquals(decodeName(encodeSubscription(["t"])), undefined);
});

Deno.test("what other clients write in that place is no name", () => {
  const theirs = [0, 0, 0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 2, 0xff, 0xfe];
  assertEquals(decodeName(Uint8Array.from(theirs)), undefined);
});

Deno.test("a subscription that can't be read has no name", () => {
  assertEquals(decodeName(Uint8Array.of(0, 1, 9)), undefined);
});

Deno.test("a subscription is read as it was written", () => {
  assertEquals(decodeSubscription(encodeSubscription(["a", "ü"])), ["a", "ü"]);
});

Deno.test("a subscription is the one that earlier versions of this package write", () => {
  const before = MemberMetadata.encode({ version: 0, topics: ["t"], userData: Buffer.alloc(0) });
  assertEquals(encodeSubscription(["t"]), new Uint8Array(before));
});

Deno.test("a subscription of a later version is read: its fields lie behind the topics", () => {
  const later = [...encodeSubscription(["t"]), 0, 0, 0, 0, 0, 0, 0, 7];
  later[1] = 3;
  assertEquals(decodeSubscription(Uint8Array.from(later)), ["t"]);
});

Deno.test("an assignment is read as it was written", () => {
  const assignment = new Map([["t", [0, 2]], ["u", []]]);
  assertEquals(decodeAssignment(encodeAssignment(assignment)), assignment);
});

Deno.test("an assignment is the one that earlier versions of this package write", () => {
  const before = MemberAssignment.encode({
    version: 0,
    assignment: { t: [0, 2] },
    userData: Buffer.alloc(0),
  });
  assertEquals(encodeAssignment(new Map([["t", [0, 2]]])), new Uint8Array(before));
});

Deno.test("an empty assignment is one without partitions", () => {
  assertEquals(decodeAssignment(new Uint8Array(0)), new Map());
});

for (const count of [-2, 100_000_000]) {
  Deno.test(`an assignment that says it has ${count} topics is refused`, () => {
    const bytes = new Uint8Array(20);
    new DataView(bytes.buffer).setInt32(2, count);
    assertThrows(() => decodeAssignment(bytes), RangeError, `a list of ${count}`);
  });
}

Deno.test("a subscription that is cut anywhere is refused", () => {
  // The user data behind the topics is not read.
  const whole = encodeSubscription(["topic"]).slice(0, -4);
  for (let length = 0; length < whole.length; length++) {
    assertThrows(() => decodeSubscription(whole.slice(0, length)), RangeError);
  }
});
