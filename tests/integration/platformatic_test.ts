// With @platformatic/kafka the same tests pass as with the built-in library: calls and their errors,
// servers that share partitions and leave, records that are no calls; and large values of sandboxes.
// Alone: its tests are those of other files, by another library.
import { assertEquals } from "@std/assert";
import { platformatic } from "@kafka-rpc/deno/platformatic";
import { Place, useLibrary } from "./place.ts";

// Tests run after this: a place that they open is by this library.
useLibrary(await platformatic());

import "./calls_test.ts";
import "./records_test.ts";
import "./servers_test.ts";

Deno.test("large values go through a sandbox process and back", async () => {
  await using place = new Place();
  await place.serve({ evaluate: { isolation: "process" } });
  const client = await place.connect();
  const text = await client.call<string>("eval", "'x'.repeat(900_000)");
  assertEquals(text, "x".repeat(900_000));
  const sent = JSON.stringify("y".repeat(900_000));
  assertEquals(await client.call("eval", `${sent}.length`), 900_000);
});
