import { assertEquals, assertRejects } from "@std/assert";
import { runDeno } from "../../tools/launch/child.ts";
import { Interrupted } from "../../tools/launch/interruption.ts";

/** Evaluates an expression in a process of its own. */
function evaluate(code: string, signal = new AbortController().signal): Promise<number> {
  return runDeno(["eval", "--no-config", "--no-lock", code], { env: {}, signal });
}

Deno.test("a command that ends by itself gives its exit code", async () => {
  assertEquals(await evaluate("Deno.exit(3)"), 3);
});

Deno.test({
  name: "a command that is ended by Ctrl-C or `kill` has no outcome: it was interrupted",
  ignore: Deno.build.os === "windows",
  async fn() {
    for (const [by, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const error = await assertRejects(
        () => evaluate(`Deno.kill(Deno.pid, "${by}")`),
        Interrupted,
        `Interrupted by ${by}.`,
      );
      assertEquals(error.exitCode, exitCode);
    }
  },
});

Deno.test({
  name: "a command that crashes was not interrupted",
  ignore: Deno.build.os === "windows",
  fn: async () => assertEquals(await evaluate('Deno.kill(Deno.pid, "SIGKILL")'), 137),
});
