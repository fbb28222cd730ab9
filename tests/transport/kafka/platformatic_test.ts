// The entry point of @platformatic/kafka: what it needs, and what it says where that is missing.
// Alone: Deno remembers what could be loaded, and what could not.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { platformatic } from "@kafka-rpc/deno/platformatic";
import { loadingFailure } from "../../../src/transport/kafka/platformatic/platformatic.ts";
import { RpcError } from "../../../src/wire/errors.ts";

// First, for the same reason.
Deno.test("without permissions it says which are needed", { permissions: "none" }, async () => {
  const error = await assertRejects(() => platformatic(), RpcError);
  assertEquals(error.code, "permission_denied");
  assertStringIncludes(error.message, "Requires env access");
  assertStringIncludes(error.message, "Grant `--allow-env` and `--allow-read`");
});

Deno.test("its error points at the line that asked for it", { permissions: "none" }, async () => {
  const { stack } = await assertRejects(() => platformatic(), RpcError);
  assertStringIncludes(stack!.split("\n")[1]!, "platformatic_test.ts");
});

Deno.test("a package that is not there is named, with the command that installs it", () => {
  const cause = new TypeError("Could not find the package.\n    at file:///x.ts:1:1");
  const { code, message } = loadingFailure(cause);
  assertEquals([code, message], [
    "failed_precondition",
    "Cannot load @platformatic/kafka: Could not find the package. Install it with `deno add " +
    "npm:@platformatic/kafka@2.12.1`, or leave `library` out.",
  ]);
});
