import { assert } from "@std/assert";
import { bytesLeft } from "../bytes_left.ts";

Deno.test("nothing is kept of a record that was signed and sent", async () => {
  const program = new URL("./fixtures/signs_many.ts", import.meta.url);
  const { bytes, errors } = await bytesLeft(program);
  assert(bytes < 100, `${bytes} bytes are left; ${errors}`);
});
