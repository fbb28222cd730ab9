// Where the time of a profile goes.
import { assertEquals } from "@std/assert";
import { partsOf, type Profile } from "../../bench/measuring/profile.ts";

const src = new URL("../../src/wire/a.ts", import.meta.url).href;
const npm = "file:///cache/npm/registry.npmjs.org/@scope/name/1.2.3/src/protocol/a.js";

/** A profile of one sample, a microsecond long, at the end of these calls. */
function profileOf(...calls: readonly (readonly [functionName: string, url: string])[]): Profile {
  const nodes = calls.map(([functionName, url], index) => {
    const children = index + 1 < calls.length ? [index + 2] : [];
    return { id: index + 1, callFrame: { functionName, url }, children };
  });
  return { nodes, samples: [nodes.length], timeDeltas: [1] };
}

const ROWS: [what: string, calls: [string, string][], parts: Record<string, number>][] = [
  ["of this package is its room's", [["f", src]], { "src/wire": 1 }],
  ["of a package is the package's", [["f", npm]], { "@scope/name": 1 }],
  ["of Deno is Deno's", [["f", src], ["op", "ext:core/a.js"]], { "Deno and its node:*": 1 }],
  ["of the language is its caller's", [["f", src], ["stringify", ""]], { "src/wire": 1 }],
  ["of the garbage collector is its own", [["f", src], ["(garbage collector)", ""]], {
    "garbage collection": 1,
  }],
  ["that has no caller is outside", [["(root)", ""]], { "outside JavaScript": 1 }],
  ["at rest is left out", [["(idle)", ""]], {}],
  ["of the profiler is left out", [["post", "ext:deno_node/inspector.js"]], {}],
];
for (const [what, calls, parts] of ROWS) {
  Deno.test(`time ${what}`, () => assertEquals(partsOf(profileOf(...calls)), parts));
}
