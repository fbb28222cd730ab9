// Who may call what.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import type { Authorize } from "../../src/server/options.ts";
import { ManualClock } from "../manual_clock.ts";
import { BOB } from "./keys.ts";
import { SignedSides } from "./signed_sides.ts";

async function asked(authorize: Authorize, timeoutMs = 5_000) {
  await using sides = await SignedSides.open();
  await using server = await sides.serve({ authorize });
  const client = await sides.connect({ sign: BOB });
  const result = await client.call("whoami", 1, { metadata: { tenant: "a" }, timeoutMs })
    .catch((error: RpcError) => error);
  const { denied } = server.counts;
  return { result, error: result as RpcError, ran: sides.ran, denied, logger: sides.logger };
}

Deno.test("authorize is asked with principal, command, id and metadata", async () => {
  const questions: unknown[] = [];
  const { result } = await asked((principal, { id, command, metadata }) => {
    questions.push([principal, command, metadata["tenant"], id.length]);
    return true;
  });
  assertEquals(questions, [["bob", "whoami", "a", 36]]);
  assertEquals(result, "bob");
});

Deno.test("a principal that is not allowed gets permission_denied, counted and logged", async () => {
  const { error, ran, denied, logger } = await asked(() => Promise.resolve(false));
  assertEquals([error.code, error.message], [
    "permission_denied",
    'Cannot run "whoami": "bob" may not call it. Let `authorize` of the server allow it.',
  ]);
  assertEquals([ran, denied], [[], 1]);
  assertEquals(logger.messages("warn"), ["a principal may not call a command"]);
});

Deno.test("anything but true is a no", async () => {
  const { error } = await asked((() => "yes") as unknown as Authorize);
  assertEquals(error.code, "permission_denied");
});

Deno.test("what authorize throws is internal, its text in the log alone", async () => {
  const { error, ran, logger } = await asked(() => {
    throw new RpcError("unavailable", "the vault of secrets is closed");
  });
  const [line] = logger.lines.items.filter(({ message }) => message === "`authorize` failed");
  assertEquals([error.code, error.message.includes("vault"), ran], ["internal", false, []]);
  assertStringIncludes(String(line?.fields["error"]), "the vault of secrets is closed");
});

Deno.test("an authorize that never settles ends at the deadline of the call", async () => {
  using clock = new ManualClock();
  const begun = Promise.withResolvers<void>();
  const result = asked(() => {
    begun.resolve();
    return new Promise(() => {});
  }, 50);
  await begun.promise;
  await clock.advance(50);
  const { error, ran } = await result;
  assertEquals([error.code, ran], ["deadline_exceeded", []]);
});
