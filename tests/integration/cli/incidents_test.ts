// docs/incidents.md, played: what its commands print is what stands there.
import { assertEquals, assertMatch } from "@std/assert";
import { ScratchFolder } from "../../scratch_folder.ts";
import { Place } from "../place.ts";
import { Script } from "../script.ts";
import { type Ending, rpc } from "./program.ts";

const PAGE = await Deno.readTextFile(new URL("../../../docs/incidents.md", import.meta.url));
const [, COMMANDS = ""] = /commands\.ts <<'END'\n([^]*?)END\n/.exec(PAGE)!;

/** The first line that the page has behind a command; topics and groups of their own. */
function shown(command: string, topic: string): string {
  const [, line = ""] = PAGE.slice(PAGE.indexOf(`$ rpc ${command}`)).split("\n");
  return line.replaceAll(/\bcommands(?=[: -])/g, topic);
}

const firstLine = ({ stderr }: Ending) => stderr.split("\n")[0];

Deno.test("an operator plays the incidents of the page", async (t) => {
  await using place = new Place();
  await using files = await ScratchFolder.create({ "commands.ts": COMMANDS });
  const { topic } = place;
  const at = ["--topic", topic];
  const play = (...args: string[]) => rpc([...args, ...at]);
  await play("topics", "create", "--dead-letters");
  const module = `${files.path}/commands.ts`;
  const serve = ["serve", module, "--dead-letters", "--concurrency", "2"];
  await using server = new Script("../../../src/cli/main.ts", ...serve, ...at);
  const log = (text: string) =>
    server.errors.until((lines) => lines.some((line) => line.includes(text)), text);
  await log("serving");
  const [late] = await Promise.all([
    play("call", "slow", "60000", "--timeout", "1s"),
    play("send", "pay", "{}"),
  ]);
  // By itself: it may take others in its sandbox with it.
  const hungry = await play("call", "hungry", "--timeout", "20s");

  await t.step("no reply in time: the call says so, and its id", () => {
    assertEquals(firstLine(late), shown("call slow 60000 --timeout 1s", topic));
  });

  await t.step("no reply in time: the trace says that the command ran", async () => {
    const [, id = ""] = /^id (\S+)$/m.exec(late.stderr)!;
    const { stdout } = await play("trace", id);
    const words = stdout.replaceAll(/\s+/g, " "); // where its lines end, it is by their width
    assertMatch(words, /! reply .* deadline_exceeded by \S+, .* ran [\d.]+ m?s /);
  });

  await t.step("a sandbox ended: the call says why", () => {
    // How much it had when it was looked at is chance.
    const text = (line = "") => line.replace(/took \d+ MiB/, "took … MiB");
    assertEquals(text(firstLine(hungry)), text(shown("call hungry --timeout 20s", topic)));
  });

  await t.step("a sandbox ended: the log says whose call it was", async () => {
    const beginning = 'a sandbox ended, it is replaced {"command":"hungry"';
    await log(beginning);
    const line = server.errors.items.find((line) => line.includes(beginning))!;
    assertMatch(line, /"id":"[^"]+","reason":"memory"/);
  });

  await t.step(
    "dead letters: the failed one-way call is listed, and can be sent again",
    async () => {
      await log("a one-way call failed");
      const [{ stdout }, again] = await Promise.all([
        play("dlt", "ls"),
        play("dlt", "replay", "0@0", "--dry-run"),
      ]);
      assertMatch(stdout, /^0@0 .*\[\d\]@\d +pay +unknown: there is no amount$/m);
      assertEquals(again.code, 0, again.stderr);
    },
  );

  await t.step("no server: the call says so at once", async () => {
    server.kill("SIGINT");
    await server.end();
    const ending = await play("call", "add", '{"a":1,"b":2}');
    assertEquals(firstLine(ending), shown("call add '{", topic));
  });
});
