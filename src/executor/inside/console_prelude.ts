// deno-lint-ignore-file no-console -- it replaces the console of a child process
// What is changed inside a child process before any command runs.

/**
 * Source that stands before that of a worker. It sends everything a command prints to standard
 * error, because standard output carries frames and a byte of anything else there ends the child;
 * and it takes away what writes to the disk without a permission.
 */
export function consolePrelude(): string {
  return `(${prepareChild})();\n`;
}

/** Runs in the worker. It sees the globals, nothing of this file. */
function prepareChild(): void {
  const { error } = console;
  // Every method of console that prints to standard output; group prints through log.
  for (const name of ["log", "info", "debug", "dir", "dirxml", "table"] as const) {
    console[name] = (...values: unknown[]) => error(...values);
  }
  const counts = new Map<string, number>();
  console.count = (label = "default") => {
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    error(`${label}: ${count}`);
  };
  console.countReset = (label = "default") => void counts.delete(label);
  const starts = new Map<string, number>();
  console.time = (label = "default") => void starts.set(label, performance.now());
  console.timeLog = (label = "default", ...values: unknown[]) => {
    error(`${label}: ${performance.now() - (starts.get(label) ?? NaN)}ms`, ...values);
  };
  console.timeEnd = (label = "default") => {
    console.timeLog(label);
    starts.delete(label);
  };
  console.clear = () => {};
  // Its methods too: process.stdout, as npm packages use it, writes by them. To touch `process`
  // itself would load all of Node's interface, which takes longer than the rest of the start.
  for (const name of ["write", "writeSync"] as const) {
    Object.defineProperty(Deno.stdout, name, { value: Deno.stderr[name].bind(Deno.stderr) });
  }
  Object.defineProperty(Deno, "stdout", { value: Deno.stderr });
  // Writes to the disk without any permission, and is shared by all children.
  Reflect.deleteProperty(globalThis, "caches");
}
