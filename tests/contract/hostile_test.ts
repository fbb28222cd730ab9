// Schemas that are broken or hostile: a failure like any other, on both sides.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Peer } from "../client/peer.ts";
import { contract } from "../../src/contract/command.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Counter } from "../server/counter.ts";
import * as hostile from "./fixtures/hostile.ts";

const module = new URL("./fixtures/hostile.ts", import.meta.url);
const { SCHEMAS, REFUSING, NEVER, ...commands } = hostile;
/** Most bytes that the details of an error may have. */
const MAX_DETAILS = 16_384;

const PLACES: readonly (readonly [string, ServeOptions])[] = [
  ["in process", { commands: commands as never }],
  ["in a child process", { commands: module, concurrency: 1 }],
];

for (const [where, options] of PLACES) {
  Deno.test(`hostile schemas of commands ${where}`, async (t) => {
    await using counter = await Counter.open(options);

    for (const name of Object.keys(SCHEMAS)) {
      await t.step(`${name}: the command fails, and the next one runs`, async () => {
        const { status } = await counter.ask(name, 1);
        assertEquals([status, (await counter.ask("fine", 2)).value], ["unknown", 2]);
      });
    }

    for (const name of Object.keys(REFUSING)) {
      await t.step(`${name}: the input is refused, with details of a bounded size`, async () => {
        const { status, headers } = await counter.ask(name, 1);
        const { details } = JSON.parse(headers["rpc-error"]!);
        assertEquals([status, details.issues.length > 0], ["invalid_argument", true]);
        assert(JSON.stringify(details).length < MAX_DETAILS);
      });
    }

    for (const name of ["never", "neverResult"]) {
      await t.step(`${name}: the command ends at its deadline`, async () => {
        assertEquals((await counter.ask(name, 1)).status, "deadline_exceeded");
      });
    }

    await t.step("a result whose schema fails is internal, and not shown", async () => {
      const { status, message } = await counter.ask("hostileResult");
      assertEquals([status, message.includes("TypeError")], ["internal", false]);
    });
  });
}

/** What a client with this schema rejects a call with, and how many requests it has sent. */
async function refused(name: string, options = {}) {
  const math = contract({ [name]: { input: { ...SCHEMAS, ...REFUSING, NEVER }[name]! } });
  await using peer = await Peer.connect({ contract: math as never });
  await peer.serveNothing();
  const error = await assertRejects(() => peer.client.call(name, 1, options), RpcError);
  return { code: error.code, stage: error.stage, sent: peer.requests.items.length };
}

for (const name of Object.keys(SCHEMAS).filter((name) => name !== "changes")) {
  Deno.test(`${name}: a hostile schema of a client is internal, and nothing is sent`, async () => {
    assertEquals(await refused(name), { code: "internal", stage: "request", sent: 0 });
  });
}

for (const name of Object.keys(REFUSING)) {
  Deno.test(`${name}: a schema of a client refuses the input, and nothing is sent`, async () => {
    assertEquals(await refused(name), { code: "invalid_argument", stage: "request", sent: 0 });
  });
}

Deno.test("a schema of a client that never settles ends with the call", async () => {
  const { code, sent } = await refused("NEVER", { timeoutMs: 5 });
  assertEquals([code, sent], ["deadline_exceeded", 0]);
});

Deno.test("a schema that can't be looked at is refused where the contract is made", () => {
  const input = new Proxy({}, {
    get: () => {
      throw new TypeError("hostile");
    },
  });
  const make = () => contract({ a: { input: input as never } });
  const { code, message } = assertThrows(make, RpcError);
  assertStringIncludes(message, "`input` is no Standard Schema");
  assertEquals(code, "invalid_argument");
});
