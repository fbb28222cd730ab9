import { assertEquals } from "@std/assert";
import { once } from "node:events";
import process from "node:process";
import { clock } from "../../src/async/clock.ts";

Deno.test("a timer for what is over already fires, and the platform warns of nothing", async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error) => void warnings.push(warning);
  process.on("warning", warned);
  await new Promise<void>((resolve) => clock.timer(-2, resolve));
  // Warnings come in their order: one of this test's own says that no other one is on its way.
  process.emitWarning("last");
  await once(process, "warning");
  process.off("warning", warned);
  assertEquals(warnings.map(({ message }) => message), ["last"]);
});
