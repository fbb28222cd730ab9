// `rpc latency` on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { Place } from "../place.ts";
import { rpc, values } from "./program.ts";

Deno.test("an operator measures calls at a rate", async (t) => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" } });
  const args = ["latency", "ping", "--rate", "50", "--duration", "400ms", "--topic", place.topic];

  await t.step("every call of the time is counted; exit code 0", async () => {
    const ending = await rpc([...args, "--json"]);
    const [{ calls, codes }] = values(ending) as [{ calls: number; codes: unknown }];
    assertEquals([ending.code, calls, codes], [0, 20, { ok: 20 }]);
  });

  await t.step("people get percentiles and bars", async () => {
    const { stdout } = await rpc(args);
    assertMatch(stdout, /^20 calls in [\s\S]* p99\.9 [\s\S]*≤ .* █+ \d+$/m);
  });
});
