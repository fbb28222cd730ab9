import { assertEquals } from "@std/assert";
import { ASSIGNORS } from "../../../../src/transport/kafka/group/assignors.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const member = (memberId: string, ...topics: string[]) => ({ memberId, topics });

/** The partitions of each member, as in "a: t0 t2". */
function shares(
  name: string,
  members: { memberId: string; topics: string[] }[],
  counts: Record<string, number>,
): string[] {
  const partitions = new Map(Object.entries(counts).map(([topic, n]) => [topic, upTo(n)]));
  return [...ASSIGNORS[name]!(members, partitions)].map(([memberId, topics]) => {
    const all = [...topics].flatMap(([topic, list]) => list.map((one) => ` ${topic}${one}`));
    return `${memberId}:${all.join("")}`;
  });
}

Deno.test("the first offer is the one that earlier versions of this package have", () => {
  assertEquals(Object.keys(ASSIGNORS), ["RoundRobinAssigner", "roundrobin", "range"]);
});

Deno.test("roundrobin gives partitions in turn, in the order of the ids", () => {
  assertEquals(shares("roundrobin", [member("b", "t"), member("a", "t")], { t: 3 }), [
    "b: t1",
    "a: t0 t2",
  ]);
});

Deno.test("roundrobin gives a topic only to members that want it", () => {
  const members = [member("a", "t"), member("b", "t", "u")];
  assertEquals(shares("roundrobin", members, { t: 2, u: 2 }), ["a: t0", "b: t1 u0 u1"]);
});

Deno.test("roundrobin leaves out a topic that no member wants", () => {
  assertEquals(shares("roundrobin", [member("a", "t")], { t: 1, u: 1 }), ["a: t0"]);
});

Deno.test("range gives the first members one more, as Java's does", () => {
  const members = ["a", "b", "c"].map((id) => member(id, "t"));
  assertEquals(shares("range", members, { t: 7 }), ["a: t0 t1 t2", "b: t3 t4", "c: t5 t6"]);
});

Deno.test("range gives a topic only to members that want it", () => {
  assertEquals(shares("range", [member("a", "u"), member("b", "t")], { t: 2 }), ["a:", "b: t0 t1"]);
});

for (const name of Object.keys(ASSIGNORS)) {
  Deno.test(`${name} gives more members than partitions nothing, but names them`, () => {
    assertEquals(shares(name, [member("a", "t"), member("b", "t")], { t: 1 }), ["a: t0", "b:"]);
  });
}
