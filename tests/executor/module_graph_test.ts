import { assertRejects } from "@std/assert";
import { moduleGraph } from "../../src/executor/module_graph.ts";
import { RpcError } from "../../src/wire/errors.ts";

for (const part of ["commands", "codecs"] as const) {
  Deno.test(`a failing deno info names the ${part} that it was asked about`, async () => {
    const module = new URL("file:///module.ts");
    const options = { flags: ["--config=/no/such/deno.json"], part };
    const asked = () => moduleGraph(Deno.execPath(), module, options);
    await assertRejects(asked, RpcError, `Cannot load the ${part}: `);
  });
}
