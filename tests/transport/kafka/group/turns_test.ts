// In which order a member is given records of several partitions.
import { assertEquals } from "@std/assert";
import { delay } from "../../../../src/async/delay.ts";
import { World } from "../../../simulator/world.ts";
import { create, join, produce } from "./joined.ts";

const KB = 1_024;

Deno.test("partitions take turns, batch by batch: none waits for all that another holds", async () => {
  using world = new World(20, 1);
  await create(world, 2);
  const { member, values } = await join(world);
  await world.run(delay(1_000));
  for (const value of ["a", "b", "c"]) await produce(world, value, 0);
  for (const value of ["A", "B", "C"]) await produce(world, value, 1);
  await world.until(() => values.length === 6);
  const isBefore = (one: string, other: string) => values.indexOf(one) < values.indexOf(other);
  assertEquals([isBefore("B", "c"), isBefore("b", "C")], [true, true], `${values}`);
  await world.run(member.close());
});

Deno.test("a partition with a backlog fills no answer alone", async () => {
  using world = new World(21, 1);
  await create(world, 3);
  const { member, values } = await join(world);
  await world.run(delay(1_000));
  const long = (name: string) => name.padEnd(40 * KB, ".");
  for (let index = 0; index < 100; index++) await produce(world, long("first"), 0);
  for (const partition of [1, 2]) await produce(world, long(`other ${partition}`), partition);
  await world.until(() => values.length === 102);
  const places = [1, 2].map((one) => values.indexOf(long(`other ${one}`)));
  assertEquals(places.every((place) => place < 6), true, `${places}`);
  await world.run(member.close());
});
