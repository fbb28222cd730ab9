// A codec of the user's own on both sides, over a real broker: MessagePack.
import { assertEquals, assertRejects } from "@std/assert";
import msgpack from "../../src/wire/codecs/msgpack.ts";
import { RpcError } from "../../src/wire/errors.ts";
import * as dated from "./fixtures/dated.ts";
import { Place } from "./place.ts";

const codecs = [new URL("../../src/wire/codecs/msgpack.ts", import.meta.url)];
const module = new URL("./fixtures/dated.ts", import.meta.url);
const SERVERS = [
  ["in the main thread", { commands: { ...dated }, codecs }],
  ["in a worker", { commands: module, isolation: "worker", codecs }],
  ["in a process", { commands: module, codecs, evaluate: true }],
] as const;

for (const [where, options] of SERVERS) {
  Deno.test(`MessagePack ${where}`, async (t) => {
    await using place = new Place();
    await place.serve({ concurrency: 2, ...options });
    const client = await place.connect({ codec: msgpack });
    const plain = await place.connect();
    const value = { at: new Date(1_000), bytes: Uint8Array.of(0, 255) };

    await t.step("bytes and dates inside an object arrive, and come back", async () => {
      const expected = { kinds: ["Date", "Uint8Array"], value };
      assertEquals(await client.call("describe", value), expected);
    });

    await t.step("undefined arrives as undefined", async () => {
      assertEquals(await client.call("echo"), undefined);
    });

    await t.step("a client of JSON is answered in JSON by the same server", async () => {
      assertEquals(await plain.call("echo", { a: [1] }), { a: [1] });
    });

    await t.step("bytes by themselves are answered as bytes to a client of JSON", async () => {
      assertEquals(await plain.call("echo", Uint8Array.of(1)), Uint8Array.of(1));
    });

    await t.step(
      "an input that MessagePack would change is refused before it is sent",
      async () => {
        const call = () => client.call("echo", { map: new Map([[1, 2]]) });
        const error = await assertRejects(call, RpcError, "a Map cannot be sent");
        assertEquals([error.code, error.stage], ["invalid_argument", "request"]);
      },
    );

    if (!("evaluate" in options)) return;
    await t.step("expressions are sent as JSON by the same client", async () => {
      assertEquals(await client.call("eval", "[1 + 1]"), [2]);
    });
  });
}

Deno.test("a server without the codec refuses its inputs, and says what to do", async () => {
  await using place = new Place();
  await place.serve({ commands: { ...dated } });
  const client = await place.connect({ codec: msgpack });
  const error = await assertRejects(() => client.call("echo", 1), RpcError);
  assertEquals([error.code, error.message], [
    "invalid_argument",
    'Cannot read the input of "echo": content-type "application/x-msgpack" is not known. ' +
    "Use application/json, text/plain, application/octet-stream, or add its codec: `codecs` of " +
    "serve(), `codec` of connect().",
  ]);
});
