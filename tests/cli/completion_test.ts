// What shells complete.
import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { SCRIPTS } from "../../src/cli/completion/scripts.ts";
import { wordsFor } from "../../src/cli/completion/words.ts";

function words(...line: string[]): string[] {
  const sources = { profiles: () => ["prod", "test"] };
  return wordsFor(line, COMMANDS, sources).map(({ word }) => word);
}

Deno.test("the first word is a command", () => {
  assertEquals(words("tr"), ["trace"]);
});

Deno.test("behind a command come its flags, and those of all commands", () => {
  assertEquals(words("call", "add", "--p"), ["--profile", "--profiles", "--password-file"]);
});

Deno.test("the value of --profile is a profile", () => {
  assertEquals(words("call", "--profile", "p"), ["prod"]);
});

Deno.test("a value that is one of some words is one of them", () => {
  assertEquals(words("call", "--sasl-mechanism", "sc"), ["scram-sha-256", "scram-sha-512"]);
});

Deno.test("a value that may be anything is left to the shell", () => {
  assertEquals(words("call", "--ca", ""), []);
});

Deno.test("an operand that is one of some words is one of them", () => {
  assertEquals(words("dlt", "--since", "1h", ""), ["ls", "show", "replay"]);
});

Deno.test("behind a command that is not known there is nothing", () => {
  assertEquals(words("cal", ""), []);
});

Deno.test("bash takes the first column of each line", async () => {
  const stub = `rpc() { printf 'call\\tCalls a command.\\n%s\\n' "\${*:3}"; }`;
  const use = 'COMP_WORDS=(rpc call ad); COMP_CWORD=2; _rpc; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", [stub, SCRIPTS["bash"], use].join("\n")],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "call\n-- call ad\n");
});
