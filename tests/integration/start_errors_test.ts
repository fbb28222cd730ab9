// What a program leaves on the terminal whose start fails and that does not catch it.
import { assertEquals, assertMatch } from "@std/assert";
import { Script } from "./script.ts";

const SAID: [string, RegExp][] = [
  [
    "client without a broker",
    /RpcError: Cannot connect to Kafka at 127\.0\.0\.1:1: .*ECONNREFUSED/,
  ],
  [
    "server without a broker",
    /RpcError: Cannot connect to Kafka at 127\.0\.0\.1:1: .*ECONNREFUSED/,
  ],
  ["server without its module", /RpcError: Cannot load the commands: .*nope\.ts/],
  ["server of a broken module", /RpcError: Cannot load the commands: /],
  ["client with a misspelt option", /RpcError: .*Did you mean `timeoutMs`\?$/m],
  ["call with a misspelt option", /RpcError: .*Did you mean `timeoutMs`\?$/m],
];
for (const [what, text] of SAID) {
  Deno.test(`a ${what} ends with exit code 1 and at most ten lines, one of them its own`, async () => {
    await using script = new Script("failing_start.ts", what);
    const { code, stderr } = await script.end();
    assertEquals(code, 1);
    assertMatch(stderr, text);
    assertMatch(stderr, /^ {4}at .*failing_start\.ts:\d+/m);
    const lines = stderr.trim().split("\n");
    assertEquals(lines.slice(10), []);
  });
}
