// What servers say of themselves, by the program, on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { z } from "zod";
import { command } from "../../../src/contract/command.ts";
import { Place } from "../place.ts";
import { Script } from "../script.ts";
import { rpc, values } from "./program.ts";

const MAIN = "../../../src/cli/main.ts";
const commands = {
  add: command(
    { input: z.array(z.number()), output: z.number(), summary: "Adds.", timeoutMs: 5_000 },
    (numbers) => numbers.reduce((sum, one) => sum + one, 0),
  ),
  ping: () => "pong",
};

Deno.test("an operator asks which servers there are, and what they do", async (t) => {
  await using place = new Place();
  const server = await place.serve({ commands });
  const client = await place.connect();
  await client.call("add", [1, 2]);
  await client.call("add", ["1"]).catch(() => {});
  const ask = (...args: string[]) => rpc([...args, "--topic", place.topic]);

  await t.step("ping: each server, its state; exit code 0", async () => {
    const ending = await ask("ping", "--json");
    const [{ ok, server: id, state }] = values(ending) as [Record<string, unknown>];
    assertEquals([ending.code, ok, id, state], [0, true, server.id, "serving"]);
  });

  await t.step("ls: each command, who offers it, what it does", async () => {
    const servers = [server.id];
    assertEquals(values(await ask("ls", "--json")), [
      { name: "add", kind: "call", summary: "Adds.", servers },
      { name: "ping", kind: "call", servers },
    ]);
  });

  await t.step("describe: its summary, limits and schemas, for people", async () => {
    const { code, stdout } = await ask("describe", "add");
    assertEquals(code, 0);
    assertMatch(
      stdout,
      /^add\nAdds\.\n(.*\n)*may run {9}5 s,(.*\n)*\ntakes\n {2}\{ "type": "array"/,
    );
  });

  await t.step(
    "describe of a command that nobody offers: exit code 1, and which was meant",
    async () => {
      const { code, stderr } = await ask("describe", "ad");
      assertEquals([code, stderr.includes("Did you mean add?")], [1, true], stderr);
    },
  );

  await t.step("stats: what was counted, by command", async () => {
    const [{ commands }] = values(await ask("stats", "--json")) as [{ commands: unknown[] }];
    const { name, succeeded, failed, lastError } = commands[0] as Record<string, unknown>;
    const { code } = lastError as { code: string };
    assertEquals([name, succeeded, failed, code], ["add", 1, 1, "invalid_argument"]);
  });

  await t.step("stats --watch: what came meanwhile, until Ctrl-C; exit code 0", async () => {
    const args = ["--watch", "--interval", "100ms", "--topic", place.topic];
    await using script = new Script(MAIN, "stats", ...args);
    const until = (text: string) =>
      script.lines.until((lines) => lines.some((line) => line.startsWith(text)), text);
    await until("add       1       1 ");
    await client.call("add", [1, 2]);
    await until("add       2       1 ");
    script.kill("SIGINT");
    const { code, stderr } = await script.end();
    assertEquals([code, stderr], [0, ""]);
  });

  await t.step("top: a table an interval, until Ctrl-C; exit code 0", async () => {
    await using script = new Script(MAIN, "top", "--topic", place.topic, "--interval", "100ms");
    await script.lines.until((lines) => lines.filter((line) => line === "").length > 3, "tables");
    script.kill("SIGINT");
    const { code, stdout } = await script.end();
    assertEquals(code, 0);
    assertMatch(stdout, /^server .*\n\S+ .*\n\ncommand .*\nadd .*\nping /m);
  });

  await t.step("names of commands are completed", async () => {
    const { stdout } = await rpc([
      "completion",
      "words",
      "--",
      "call",
      "--topic",
      place.topic,
      "a",
    ]);
    assertEquals(stdout, "add\tAdds.\n");
  });
});

Deno.test("no server: exit code 3", async () => {
  await using place = new Place();
  await place.createTopics({ commands: 1, results: 1 });
  const { code, stderr } = await rpc(["ping", "--topic", place.topic, "--timeout", "1s"]);
  assertEquals([code, stderr.startsWith("Cannot ask")], [3, true], stderr);
});
