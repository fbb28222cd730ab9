// Which brokers a doctor counts as those that clients reach.
import { assertEquals } from "@std/assert";
import { isOneReached } from "../../src/cli/doctor/brokers.ts";

const NAMED = { host: "kafka-1", port: 9092 };
const OTHER = { host: "kafka-2", port: 9092 };
const failure = new Error("connect ECONNREFUSED");

for (
  const [what, tried, isReached] of [
    ["a broker that was reached by its name of the cluster", [{ address: NAMED }], true],
    [
      "a broker that was named and not reached, beside an address that the cluster does not have,",
      [{ address: NAMED, failure }, { address: OTHER }],
      false,
    ],
    ["an address that the cluster does not have", [{ address: OTHER }], false],
  ] as const
) {
  Deno.test(`${what} is ${isReached ? "one" : "none"} that clients reach`, () => {
    assertEquals(isOneReached([{ ...NAMED }], tried), isReached);
  });
}
