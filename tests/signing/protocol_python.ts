/**
 * The functions of docs/protocol.md that sign in Python.
 *
 * @module
 */

const PROTOCOL = Deno.readTextFileSync(new URL("../../docs/protocol.md", import.meta.url));

/** The block that stands in the section of signatures. */
function source(): string {
  const section = PROTOCOL.slice(PROTOCOL.indexOf("\n## Signatures"));
  const [, block] = /```python\n([\s\S]*?)```/.exec(section)!;
  return block!;
}

/** Runs lines of Python behind these functions; gives what they print for each line of the input. */
export async function python(driver: string, lines: readonly unknown[]): Promise<unknown[]> {
  const command = new Deno.Command("python3", {
    args: ["-c", source() + driver],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
  await using child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(lines.map((one) => JSON.stringify(one)).join("\n")));
  await writer.close();
  const { stdout } = await child.output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}
