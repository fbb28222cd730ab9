import { assert } from "@std/assert";
import { bytesLeft } from "../bytes_left.ts";

Deno.test("nothing is kept of a call that was joined and shown", async () => {
  const program = new URL("./fixtures/joins_many.ts", import.meta.url);
  const { bytes, errors } = await bytesLeft(program);
  assert(bytes < 20, `${bytes} bytes are left; ${errors}`);
});
