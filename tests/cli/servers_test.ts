// What servers say of themselves, as people read it.
import { assertEquals } from "@std/assert";
import { versionsOf, writeVersion } from "../../src/cli/servers/describe.ts";
import { offersOf, writeOffers } from "../../src/cli/servers/ls.ts";
import { writeLines } from "../../src/cli/servers/ping.ts";
import { statsLines } from "../../src/cli/servers/stats.ts";
import { counted, found, offered, offering, pinged, ran } from "./found.ts";
import { KeptSink } from "./sink.ts";

Deno.test("ping names who answered, how quickly, and who did not", () => {
  const sink = new KeptSink(80);
  const servers = [pinged("s-1"), pinged("s-2", { state: "draining", partitions: [] })];
  writeLines(found(servers, ["s-3"]), sink.output(), 2_000);
  assertEquals(
    sink.text + sink.errors,
    `   server  took  state      partitions  host    version
✔  s-1     4 ms  serving    0, 1        host-1  1.2.3
!  s-2     4 ms  draining   none        host-1  1.2.3
✘  s-3        -  no answer
2 servers answered; 1 member of the group did not answer in 2 s
`,
  );
});

Deno.test("ls has a line a command, with its summary and how many servers offer it", () => {
  const sink = new KeptSink(60);
  const add = offered("add", { summary: "Adds two numbers, whatever their size may be." });
  const all = found([offering("s-1", add, offered("old")), offering("s-2", add)]);
  writeOffers(offersOf(all), all, sink.output());
  assertEquals(
    sink.text,
    `command  kind  servers  summary
add      call   2 of 2  Adds two numbers, whatever their si…
old      call   1 of 2
`,
  );
});

Deno.test("servers that say the same of a command are one version of it", () => {
  const infos = [offered("add"), offered("add"), offered("add", { timeoutMs: 5 })];
  const versions = versionsOf({ name: "add", infos, servers: ["s-1", "s-2", "s-3"] });
  assertEquals(versions.map(({ servers }) => servers), [["s-1", "s-2"], ["s-3"]]);
});

Deno.test("describe has limits, policies and schemas", () => {
  const sink = new KeptSink(80);
  const info = offered("add", {
    summary: "Adds.",
    idempotent: true,
    concurrency: 2,
    priority: 5,
    input: { type: "number" },
    errors: { out_of_range: { type: "string" } },
  });
  writeVersion({ info, servers: ["s-1", "s-2"] }, sink.output());
  assertEquals(
    sink.text,
    `add
Adds.
offered by      s-1, s-2
may run         30 s, after 30 s of waiting at most
input           1 000 000 bytes at most
concurrency     2 at a time
priority        5
idempotent      yes: it may run twice

takes
  { "type": "number" }

out_of_range has
  { "type": "string" }
`,
  );
});

Deno.test("stats have a table a server, with the latest failure of each command", () => {
  const lastError = { code: "not_found", message: "None.", at: "2024-01-01T00:00:07.000Z" };
  const commands = [ran("add", [0, 4, 0], { failed: 1, running: 2, lastError }), ran("old", [])];
  const lines = statsLines(found([counted("s-1", commands)]), new KeptSink(80).output());
  assertEquals(lines, [
    "s-1, on host-1, serving, up 10 s, partitions 0, 1, 64 MiB",
    "command  ok  failed  running    p50    p99  last error",
    "add       4       1        2  15 ms  20 ms  not_found 00:00:07: None.",
    "old       0       0        0      -      -",
  ]);
});

Deno.test("what does not fit beside the name of a server stands below it", () => {
  const server = { ...counted("s-1", []), host: "orders-7d9f8b6c5-x2x7q.orders.svc.cluster.local" };
  assertEquals(statsLines(found([server]), new KeptSink(80).output()).slice(0, 2), [
    "s-1, on orders-7d9f8b6c5-x2x7q.orders.svc.cluster.local, serving, up 10 s,",
    "partitions 0, 1, 64 MiB",
  ]);
});

Deno.test("a name that would break the line does not", () => {
  const lines = statsLines(found([counted("s-1", [ran("a\nb", [])])]), new KeptSink(80).output());
  assertEquals(lines.length, 3);
});
