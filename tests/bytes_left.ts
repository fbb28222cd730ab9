/**
 * What a program of tests leaves behind, for tests of memory.
 *
 * @module
 */

const CONFIG = new URL("../deno.json", import.meta.url);

/** Runs a program that may call `gc()` and prints how many bytes are left; and what it says of errors. */
export async function bytesLeft(program: URL): Promise<{ bytes: number; errors: string }> {
  const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--v8-flags=--expose-gc",
      ...flags,
      "--config",
      CONFIG.pathname,
      program.pathname,
    ],
  }).output();
  const text = new TextDecoder();
  return { bytes: parseFloat(text.decode(stdout)), errors: text.decode(stderr) };
}
