// Rates of servers and commands, and the tables of them.
import { assertEquals, assertRejects } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { ratesBetween } from "../../src/cli/servers/rates.ts";
import { topLines } from "../../src/cli/servers/top_lines.ts";
import { watch, WATCH_FLAGS } from "../../src/cli/servers/watch.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { counted, type Found, found, ran } from "./found.ts";
import { KeptSink } from "./sink.ts";

const AT = Date.UTC(2024, 0, 1, 12);

Deno.test("a rate is what came since the look before, by the server's own clock", () => {
  const before = [counted("s-1", [ran("add", [10, 0, 0])], 10)];
  const now = [counted("s-1", [ran("add", [10, 8, 0], { failed: 2 })], 12)];
  const { servers: [server] } = ratesBetween(before, now, new Map([[0, 3], [1, 4], [2, 9]]));
  const { perSecond, failedPerSecond, p50, lag } = server!;
  assertEquals([perSecond, failedPerSecond, p50?.ms, lag], [5, 1, 15, 7]);
});

Deno.test("a server that came since counts from its start", () => {
  const { servers: [server] } = ratesBetween(
    [],
    [counted("s-1", [ran("add", [10, 0, 0])], 2)],
    undefined,
  );
  assertEquals([server?.perSecond, server?.lag], [5, undefined]);
});

Deno.test("a command is that of all servers, with its latest failure", () => {
  const failure = (second: number) => {
    return { code: "internal", message: "", at: `2024-01-01T00:00:0${second}.000Z` };
  };
  const now = [3, 7].map((second) =>
    counted(`s-${second}`, [ran("add", [1, 0, 0], { lastError: failure(second) })], 1)
  );
  const { commands: [add] } = ratesBetween([], now, undefined);
  assertEquals([add?.perSecond, add?.servers, add?.lastError?.at], [2, 2, failure(7).at]);
});

function shown(columns: number): string[] {
  const lastError = { code: "resource_exhausted", message: "", at: "2024-01-01T11:59:58.000Z" };
  const now = [
    counted(
      "orders-server-1",
      [ran("add", [1, 0, 0]), ran("reserve", [0, 30, 3], { lastError })],
      2,
    ),
    counted("orders-server-2", [ran("add", [500, 0, 0])], 2),
  ];
  const view = { at: AT, topic: "orders", missing: ["s-3"], refused: [] };
  const rates = ratesBetween([], now, new Map([[0, 1_200]]));
  return topLines({ ...view, ...rates }, new KeptSink(columns).output());
}

Deno.test("top at 80 columns: the busiest first, and who did not answer", () => {
  assertEquals(shown(80), [
    "orders, 2 servers, 1 without an answer, 12:00:00 UTC",
    "",
    "server           host    calls/s    p50      p99  running  errors/s    lag",
    "orders-server-2  host-1      250   5 ms   9.9 ms        0         0  1 200",
    "orders-server-1  host-1       17  15 ms  > 20 ms        0         0  1 200",
    "",
    "command  servers  calls/s    p50      p99  running  errors/s  last error",
    "add            2      251   5 ms   9.9 ms        0         0",
    "reserve        1     16.5  16 ms  > 20 ms        0         0  resource_exhauste…",
  ]);
});

Deno.test("no line of top is longer than the terminal", () => {
  const long = [40, 80, 200].map((columns) =>
    shown(columns).filter((line) => line.length > columns)
  );
  assertEquals(long.slice(1), [[], []]);
});

const away = new RpcError("unavailable", "away");

async function watched(asks: (Found | RpcError)[]): Promise<string[]> {
  const ending = new AbortController();
  const seen: string[] = [];
  const ask = () => {
    const next = asks.shift()!;
    if (asks.length === 0) ending.abort();
    return next instanceof RpcError ? Promise.reject(next) : Promise.resolve(next);
  };
  const parts = { ask, pause: () => Promise.resolve(), signal: ending.signal };
  for await (const { failure } of watch(parseArguments([], WATCH_FLAGS), parts)) {
    seen.push(failure === undefined ? "found" : failure.code);
  }
  return seen;
}

Deno.test("an outage is part of what is watched", async () => {
  const seen = await watched([found([]), away, found([])]);
  assertEquals(seen, ["found", "unavailable", "found"]);
});

Deno.test("where the first question fails there is nothing to watch", async () => {
  await assertRejects(() => watched([away, found([])]), RpcError, "away");
});

Deno.test("a question that Ctrl-C ended is no failure", async () => {
  assertEquals(await watched([found([]), away]), ["found"]);
});
