// What a person sees, on a real terminal of 80 and of 200 columns.
import { assertEquals, assertMatch } from "@std/assert";
import { Place } from "../place.ts";
import { rpc } from "./program.ts";
import { ESCAPE, plain, Terminal } from "./terminal.ts";

/** Brings back the screen that was there before. */
const LEAVE = `${ESCAPE}[?1049l`;
const GREEN = `${ESCAPE}[32m`;
const LONG_NAME = "takes-more-than-half-of-the-80-columns-of-a-screen";

Deno.test({
  name: "an operator looks at a terminal",
  // It has no such terminals.
  ignore: Deno.build.os === "windows",
  async fn(t) {
    await using place = new Place();
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    await place.serve({
      commands: {
        [LONG_NAME]: () => 1,
        fail: () => {
          throw new RangeError("boom ".repeat(50).trim());
        },
        hold: () => {
          begun.resolve();
          return held.promise;
        },
      },
    });
    const client = await place.connect();
    const at = ["--topic", place.topic];
    let id = "";
    await client.call(LONG_NAME, null, { onReceipt: (receipt) => void ({ id } = receipt) });
    await client.call("fail").catch(() => {});

    const looks = [
      ["doctor"],
      ["ls"],
      ["stats"],
      ["trace", id],
      ["tail", "--since", "1h", "--count", "2"],
      ["top", "--interval", "50ms", "--count", "1"],
    ];
    for (const columns of [80, 200]) {
      await t.step(`no line is longer than ${columns} columns`, async () => {
        await Promise.all(looks.map(async (args) => {
          await using terminal = new Terminal(columns, ...args, ...at);
          const { code, text } = await terminal.end();
          const longest = Math.max(...plain(text).split("\n").map((line) => [...line].length));
          assertEquals([args[0], code, longest <= columns], [args[0], 0, true], text);
        }));
      });
    }

    await t.step("colours are for a terminal, and not for a pipe", async () => {
      await using terminal = new Terminal(80, "ping", ...at);
      const [shown, piped] = await Promise.all([
        terminal.end(),
        rpc(["ping", ...at], { env: { NO_COLOR: "" } }),
      ]);
      const isColoured = [shown.text.includes(`${GREEN}✔`), piped.stdout.includes(ESCAPE)];
      assertEquals([piped.code, ...isColoured], [0, true, false], piped.stdout);
    });

    await t.step("Ctrl-C ends top, and leaves the terminal as it was; exit code 0", async () => {
      await using terminal = new Terminal(80, "top", "--interval", "50ms", ...at);
      const isTable = (line: string) => plain(line).startsWith("server ");
      await terminal.lines.until((lines) => lines.some(isTable), "a table");
      await terminal.interrupt();
      const { code, text } = await terminal.end();
      const [, after = ""] = text.split(LEAVE);
      assertEquals(code, 0, text);
      assertMatch(plain(after), /, 1 server, .*\n(.*\n)+command /);
    });

    await t.step("Ctrl-C ends a call that waits; exit code 130", async () => {
      await using terminal = new Terminal(80, "call", "hold", ...at);
      await begun.promise;
      await terminal.interrupt();
      const { code } = await terminal.end();
      held.resolve();
      assertEquals(code, 130);
    });
  },
});
