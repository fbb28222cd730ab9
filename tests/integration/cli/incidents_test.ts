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

/** A server as the page starts it, once it serves. */
async function started(module: string, at: readonly string[]): Promise<Script> {
  const args = ["serve", module, "--dead-letters", "--concurrency", "2", ...at];
  const server = new Script("../../../src/cli/main.ts", ...args);
  await logged(server, /serving/);
  return server;
}

const logged = ({ errors }: Script, text: RegExp) =>
  errors.until((lines) => lines.some((line) => text.test(line)), String(text));

/** A place of its own for each incident that goes on for long. */
async function newTopics(): Promise<readonly string[]> {
  const at = ["--topic", `test-${crypto.randomUUID()}`];
  await rpc(["topics", "create", "--dead-letters", ...at]);
  return at;
}

/** Two slots, and 40 calls of two seconds. */
async function playTooMuchWork(module: string): Promise<Ending> {
  const at = await newTopics();
  await using _server = await started(module, at);
  const calls = ["--count", "40", "--rate", "40", "--timeout", "60s"];
  return await rpc(["call", "slow", "2000", ...calls, ...at]);
}

/** Two servers, `kill -9` of one, and calls until the other has all partitions. */
async function playKilledServer(module: string): Promise<Ending> {
  const at = await newTopics();
  await using killed = await started(module, at);
  await using other = await started(module, at);
  await logged(other, /consumer group joined .*"partitions":\[\d,\d\]/);
  killed.kill("SIGKILL");
  const calls = ["--count", "8", "--timeout", "15s"];
  const ending = await rpc(["call", "add", '{"a":1,"b":2}', ...calls, ...at]);
  await logged(other, /consumer group joined .*"partitions":\[0,1,2,3\]/);
  return ending;
}

Deno.test("an operator plays the incidents of the page", async (t) => {
  await using place = new Place();
  await using files = await ScratchFolder.create({ "commands.ts": COMMANDS });
  const { topic } = place;
  const at = ["--topic", topic];
  const play = (...args: string[]) => rpc([...args, ...at]);
  const module = `${files.path}/commands.ts`;
  // They wait for half a minute: beside the others.
  const long = Promise.all([playTooMuchWork(module), playKilledServer(module)]);
  await play("topics", "create", "--dead-letters");
  await using server = await started(module, at);
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
    const beginning = /a sandbox ended, it is replaced {"command":"hungry"/;
    await logged(server, beginning);
    const line = server.errors.items.find((line) => beginning.test(line))!;
    assertMatch(line, /"id":"[^"]+","reason":"memory"/);
  });

  await t.step(
    "dead letters: the failed one-way call is listed, and can be sent again",
    async () => {
      await logged(server, /a one-way call failed/);
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

  const [busy, killed] = await long;

  await t.step("too much work: what cannot start in time is refused, all else is done", () => {
    const [, ok, refused] = /^ {2}ok (\d+)\n {2}resource_exhausted (\d+)\n/m.exec(busy.stdout) ??
      [];
    assertEquals([busy.code, Number(ok) + Number(refused)], [1, 40], busy.stdout);
  });

  await t.step("a server was killed: calls wait until the other has its partitions", () => {
    assertEquals(
      [killed.code, /^ {2}ok (\d+)$/m.exec(killed.stdout)?.[1]],
      [0, "8"],
      killed.stdout,
    );
  });
});
