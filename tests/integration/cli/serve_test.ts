// `rpc serve` on a real broker.
import { assertEquals } from "@std/assert";
import { Place } from "../place.ts";
import { Script } from "../script.ts";
import { rpc } from "./program.ts";

const MAIN = "../../../src/cli/main.ts";

Deno.test("a module is served until Ctrl-C; exit code 0", async () => {
  await using place = new Place();
  const module = new URL("../fixtures/dated.ts", import.meta.url).pathname;
  await using serving = new Script(MAIN, "serve", module, "--topic", place.topic);
  await serving.lines.at(0);
  const called = await rpc(["call", "echo", "7", "--topic", place.topic, "--wait"]);
  serving.kill("SIGINT");
  const { code } = await serving.end();
  assertEquals([called.stdout, code], ["7\n", 0]);
});

Deno.test("a file that is not there: exit code 2", async () => {
  const { code, stderr } = await rpc(["serve", "./no_such_module.ts"]);
  assertEquals([code, stderr.startsWith("Cannot serve ./no_such_module.ts: ")], [2, true], stderr);
});
