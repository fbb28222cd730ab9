// `rpc stream` and `rpc send` on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { Place } from "../place.ts";
import { rpc, values } from "./program.ts";

Deno.test("an operator reads streams, and sends one-way calls", async (t) => {
  await using place = new Place();
  const noted = Promise.withResolvers<unknown>();
  let id = "";
  await place.serve({
    commands: {
      note: (input: unknown) => noted.resolve(input),
      async *count(to: number, context: { id: string }) {
        id = context.id;
        for (let n = 1; n <= to; n++) yield await Promise.resolve(n);
      },
      async *broken() {
        yield await Promise.resolve(1);
        throw new RangeError("boom");
      },
    },
  });
  const at = ["--topic", place.topic];

  await t.step("each value is a line; exit code 0", async () => {
    const { code, stdout } = await rpc(["stream", "count", "3", ...at]);
    assertEquals([code, stdout], [0, "1\n2\n3\n"]);
  });

  await t.step("of its trace, the last frame is the reply", async () => {
    const [verdict] = values(await rpc(["trace", id, "--json", ...at]));
    const { state, reply } = verdict as { state: string; reply: { bytes: number; code: string } };
    assertEquals([state, reply.code], ["answered", "ok"]);
  });

  await t.step("--count leaves the stream early; exit code 0", async () => {
    const { code, stdout } = await rpc(["stream", "count", "1000000", "--count", "2", ...at]);
    assertEquals([code, stdout], [0, "1\n2\n"]);
  });

  await t.step("a stream that fails: the values before that; exit code 1", async () => {
    const { code, stdout, stderr } = await rpc(["stream", "broken", ...at]);
    assertEquals([code, stdout], [1, "1\n"]);
    assertMatch(stderr, /^unknown \(remote\): RangeError: boom$/m);
  });

  await t.step("a one-way call is run; exit code 0", async () => {
    const { code, stdout } = await rpc(["send", "note", '{"a":1}', ...at]);
    assertEquals([code, stdout, await noted.promise], [0, "", { a: 1 }]);
  });
});
