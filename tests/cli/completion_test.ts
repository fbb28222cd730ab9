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

Deno.test("a value behind = is one of some words", async () => {
  assertEquals(await words("call", "--profile=p"), ["--profile=prod"]);
});

/** What bash completes where its words are these, for a program that prints these lines. */
async function bash(words: string, line: string, printed: string): Promise<string> {
  const stub = `rpc() { printf -- '${printed}' "\${*:3}"; }`;
  const current = `COMP_CWORD=\${#COMP_WORDS[@]}-1 COMP_LINE='${line}' COMP_POINT=${line.length}`;
  // bash hands over the part of the word behind its last : or =.
  const part = /[^\s:=]*$/.exec(line)?.[0];
  const use = `COMP_WORDS=(${words}); ${current}; _rpc rpc '${part}'`;
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", [stub, SCRIPTS["bash"], use, 'printf "%s\\n" "${COMPREPLY[@]}"'].join("\n")],
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("bash takes the first column of each line", async () => {
  const printed = "call\\tCalls a command.\\n%s\\n";
  assertEquals(await bash("rpc call ad", "rpc call ad", printed), "call\n--\\ call\\ ad\n");
});

Deno.test("bash keeps the address of a broker in one word", async () => {
  const completed = await bash("rpc call --brokers a : 1 ''", "rpc call --brokers a:1 ", "%s.\\n");
  assertEquals(completed, "--\\ call\\ --brokers\\ a:1\\ .\n");
});

Deno.test("bash completes what stands behind =", async () => {
  const completed = await bash("rpc ls --log = d", "rpc ls --log=d", "--log=debug\\n");
  assertEquals(completed, "debug\n");
});

Deno.test("what a server calls a command is one word in bash, and runs nothing", async () => {
  const completed = await bash("rpc call a", "rpc call a", "add;echo $(echo run)\\t\\n");
  assertEquals(completed, "add\\;echo\\ \\$\\(echo\\ run\\)\n");
});
