import { assert } from "@std/assert";
import { Arena } from "./arena.ts";

/** Open pipes of this process. */
function pipes(): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("pipe:");
    } catch (error) {
      // The folder's own descriptor is gone by the time it is looked at.
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }).length;
}

Deno.test({
  name: "children that have ended leave no descriptor behind",
  // Where it is seen: other systems have no /proc.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using arena = await Arena.open({ size: 2 });
    const run = async (count: number) => {
      for (let i = 0; i < count; i++) await arena.run("1");
    };
    await run(4);
    const before = pipes();
    await run(20);
    // Some children start or end just now, with three pipes each; twenty would have left twenty.
    const grown = pipes() - before;
    assert(grown < 15, `${grown} pipes more`);
  },
});
