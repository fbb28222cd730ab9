/** Prints the table of projects: what a command gives plainly, in a worker and in a process. */
import { ROWS } from "./rows.ts";
import { copyPackage, tryRow } from "./try_row.ts";

const width = Math.max(...ROWS.map(({ name }) => name.length));
let wrong = 0;
await using copy = await copyPackage();
for (const row of ROWS) {
  const given = await tryRow(row, copy);
  const expected = JSON.stringify(row.gives);
  const cells = Object.entries(given).map(([where, value]) => {
    const text = JSON.stringify(value);
    if (text === expected) return where;
    wrong++;
    return `${where} WRONG: ${text}`;
  });
  console.log(`${row.name.padEnd(width)}  ${cells.join(", ")}: ${expected}`);
}
console.log(`${ROWS.length} projects, ${wrong} wrong values`);
Deno.exitCode = wrong === 0 ? 0 : 1;
