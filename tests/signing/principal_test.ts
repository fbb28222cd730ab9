// The principal where the command runs.
import { assertEquals, assertThrows } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { clientSettings } from "../../src/client/options.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serverSettings } from "../../src/server/settings.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { TrustedKey } from "../../src/signing/keys.ts";
import { ALICE, CALLERS, SERVER } from "./keys.ts";
import { SignedSides } from "./signed_sides.ts";

const commands = new URL("./fixtures/commands.ts", import.meta.url);

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`a command in a ${isolation} knows who signed its request`, async () => {
    await using sides = await SignedSides.open();
    await using _server = await sides.serve({ commands, isolation });
    const client = await sides.connect();
    assertEquals(await client.call("whoami"), "alice");
  });
}

Deno.test("an interceptor of the server knows who signed the request", async () => {
  const seen: unknown[] = [];
  await using sides = await SignedSides.open();
  await using _server = await sides.serve({
    interceptors: [(next) => (call) => {
      seen.push(call.principal);
      return next(call);
    }],
  });
  const client = await sides.connect();
  await client.call("whoami");
  assertEquals(seen, ["alice"]);
});

const table = { add: () => 1 };
const WRONG: readonly [Partial<ServeOptions>, string][] = [
  [{ verify: CALLERS, replyCache: false }, "`verify` needs the reply cache"],
  [{ authorize: () => true }, "`authorize` needs `verify`"],
  [{ allowPlain: true }, "`allowPlain` needs `verify`"],
  [{ replyKeys: {} }, "`replyKeys` is for servers that sign or verify"],
  [{ sign: {} as typeof SERVER }, "the option `sign.keyId`: it is missing"],
  [{ sign: { ...SERVER, keyId: "a b" } }, "the option `sign.keyId`: it is no key id"],
  [{ sign: { keyId: "a", key: "secret" as never } }, "the option `sign.key`: it is a string"],
  [{ sign: { ...SERVER, kid: 1 } as typeof SERVER }, "`sign` has no option of this name"],
  [
    { verify: { "alice-1": { key: ALICE.key, principle: "alice" } as TrustedKey } },
    'Did you mean `verify["alice-1"].principal`?',
  ],
  [{ verify: { a: "secret" as never } }, "the option `verify.a`: it is a string"],
  [{ verify: { a: { key: SERVER.key, principal: "" } } }, "the option `verify.a.principal`"],
  [{ verify: [] as never }, "the option `verify`: it is a list"],
];

for (const [options, text] of WRONG) {
  Deno.test(`serve() refuses wrong options of signing: ${text}`, () => {
    assertThrows(() => serverSettings({ commands: table, ...options }), RpcError, text);
  });
}

Deno.test("connect() refuses a secret that is text", () => {
  const sign = { keyId: "a", key: "secret" as never };
  assertThrows(() => clientSettings({ sign }), RpcError, "the option `sign.key`: it is a string");
});

Deno.test("connect() rejects with a key that cannot sign", async () => {
  await using sides = await SignedSides.open();
  const sign = { keyId: "a", key: new Uint8Array(3) };
  const transport = sides.broker.transport();
  const code = await connect({ sign, transport }).catch((error) => error.code);
  assertEquals(code, "invalid_argument");
});
