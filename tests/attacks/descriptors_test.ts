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
    const before = pipes();
    {
      await using arena = await Arena.open({ size: 2 });
      for (let i = 0; i < 16; i++) await arena.run("1");
    }
    // What tests before this one have closed may be gone only now.
    assert(pipes() <= before, `${pipes()} pipes, ${before} before`);
  },
});
