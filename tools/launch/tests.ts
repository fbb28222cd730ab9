/**
 * Runs `deno test` and prints its totals in a form that a machine reads.
 *
 * @module
 */
import { runDeno } from "./child.ts";
import { existing } from "./paths.ts";
import type { Run } from "./run.ts";

const SUMMARY = /(\d+) passed(?: \([^)]*\))? \| (\d+) failed/g;
const KEEP_CHARACTERS = 4000;

/**
 * Runs the given test files, or these by default, with `args` passed on to `deno test`.
 *
 * @param options `traceLeaks`: whether a leak is reported with the place that made it. Leaks fail a
 * test in any case, but to note the stack of each timer makes it about 30 times as dear, which is
 * not for a process whose own calls are timed. Default: true.
 */
export async function runTests(
  run: Run,
  args: string[],
  byDefault: string[],
  { traceLeaks = true }: { traceLeaks?: boolean } = {},
): Promise<number> {
  const namesPaths = (await existing(args.filter((arg) => !arg.startsWith("-")))).length > 0;
  let end = "";
  const decoder = new TextDecoder();
  const color: Record<string, string> = Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {};
  const code = await runDeno([
    "test",
    ...run.registry.flags,
    "--allow-all",
    ...traceLeaks ? ["--trace-leaks"] : [],
    // Tests that look at memory collect the garbage first.
    "--v8-flags=--expose-gc",
    ...args,
    ...namesPaths ? [] : byDefault,
  ], {
    ...run.child,
    env: { ...color, ...run.child.env },
    onOutput: (chunk) => {
      Deno.stdout.writeSync(chunk);
      end = (end + decoder.decode(chunk, { stream: true })).slice(
        -KEEP_CHARACTERS,
      );
    },
  });
  // deno-lint-ignore no-control-regex
  const summary = [...end.replace(/\x1b\[[\d;]*m/g, "").matchAll(SUMMARY)].at(
    -1,
  );
  if (summary) console.log(`${summary[1]} passed, ${summary[2]} failed`);
  return code;
}
