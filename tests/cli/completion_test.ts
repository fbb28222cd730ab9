// What shells complete.
import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { SCRIPTS } from "../../src/cli/completion/scripts.ts";
import { wordsFor } from "../../src/cli/completion/words.ts";

const OFFERED = [{ word: "add", help: "Adds." }, { word: "divide", help: "" }];

async function words(...line: string[]): Promise<string[]> {
  const sources = { profiles: () => ["prod", "test"], commands: () => Promise.resolve(OFFERED) };
  return (await wordsFor(line, COMMANDS, sources)).map(({ word }) => word);
}

Deno.test("the first word is a command", async () => {
  assertEquals(await words("tr"), ["trace"]);
});

Deno.test("behind a command come its flags, and those of all commands", async () => {
  assertEquals(await words("call", "add", "--p"), ["--profile", "--profiles", "--password-file"]);
});

Deno.test("the value of --profile is a profile", async () => {
  assertEquals(await words("call", "--profile", "p"), ["prod"]);
});

Deno.test("a value that is one of some words is one of them", async () => {
  assertEquals(await words("call", "--sasl-mechanism", "sc"), ["scram-sha-256", "scram-sha-512"]);
});

Deno.test("a value that may be anything is left to the shell", async () => {
  assertEquals(await words("call", "--ca", ""), []);
});

Deno.test("an operand that is one of some words is one of them", async () => {
  assertEquals(await words("dlt", "--since", "1h", ""), ["ls", "show", "replay"]);
});

Deno.test("the name of a command is one that servers offer", async () => {
  assertEquals(await words("call", "--profile", "prod", "d"), ["divide"]);
});

Deno.test("behind a command that is not known there is nothing", async () => {
  assertEquals(await words("cal", ""), []);
});

Deno.test("bash takes the first column of each line", async () => {
  const stub = `rpc() { printf 'call\\tCalls a command.\\n%s\\n' "\${*:3}"; }`;
  const use = 'COMP_WORDS=(rpc call ad); COMP_CWORD=2; _rpc; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", [stub, SCRIPTS["bash"], use].join("\n")],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "call\n-- call ad\n");
});
