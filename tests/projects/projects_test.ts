// What a command gives does not depend on where it runs, whatever the project is like.
import { assertEquals } from "@std/assert";
import { ROWS } from "./rows.ts";
import { tryRow } from "./try_row.ts";

for (const row of ROWS) {
  Deno.test(`a command gives the same plainly, in a worker and in a process: ${row.name}`, async () => {
    const { gives } = row;
    assertEquals(await tryRow(row), { plain: gives, worker: gives, process: gives });
  });
}
