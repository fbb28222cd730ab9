import { assert } from "@std/assert";

const PROGRAM = new URL("./fixtures/joins_many.ts", import.meta.url);
const CONFIG = new URL("../../deno.json", import.meta.url);

Deno.test("nothing is kept of a call that was joined and shown", async () => {
  const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--v8-flags=--expose-gc",
      ...flags,
      "--config",
      CONFIG.pathname,
      PROGRAM.pathname,
    ],
  }).output();
  const bytes = parseFloat(new TextDecoder().decode(stdout));
  assert(bytes < 20, `${bytes} bytes are left; ${new TextDecoder().decode(stderr)}`);
});
