// Which flags of a command line say what modules mean.
import { assertEquals } from "@std/assert";
import { type LaunchFlags, launchFlags } from "../../../src/executor/inside/launch_flags.ts";

const read = (line: string, programArgs = 0) =>
  launchFlags(line.split(" "), { cwd: "/home", programArgs });

const CASES: readonly (readonly [line: string, flags: Partial<LaunchFlags>])[] = [
  ["deno run server.ts", {}],
  ["deno run -A server.ts", { fetching: ["--allow-import"] }],
  ["deno run --config=a.json server.ts", { config: "/home/a.json" }],
  ["deno run -c a.json server.ts", { config: "/home/a.json" }],
  ["deno run --config /etc/a.json server.ts", { config: "/etc/a.json" }],
  ["deno run --no-config --no-lock server.ts", { config: null, lock: null }],
  ["deno run --lock=b.lock --frozen server.ts", { lock: "/home/b.lock", frozen: true }],
  ["deno run --lock --frozen=false server.ts", { lock: "/home/deno.lock", frozen: false }],
  ["deno run --import-map map.json server.ts", { project: ["--import-map=/home/map.json"] }],
  [
    "deno run --import-map=https://a.example/map.json server.ts",
    { project: ["--import-map=https://a.example/map.json"] },
  ],
  ["deno run --unstable-kv --vendor server.ts", { project: ["--unstable-kv", "--vendor"] }],
  ["deno run --conditions=development server.ts", { conditions: "development" }],
  ["deno run --allow-import=a.example server.ts", { fetching: ["--allow-import=a.example"] }],
  ["deno test --unstable-kv tests/ -- --no-lock", { project: ["--unstable-kv"] }],
];
for (const [line, flags] of CASES) {
  Deno.test(`the flags of ${line}`, () => {
    assertEquals(read(line), { project: [], fetching: [], ...flags });
  });
}

Deno.test("words of the program are not flags of Deno", () => {
  assertEquals(read("deno run server.ts --config=a.json --no-lock", 2), {
    project: [],
    fetching: [],
  });
});
