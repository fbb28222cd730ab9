/**
 * The program of a project: it uses one command plainly, in a worker and in a
 * process, and prints what each gives.
 *
 * Arguments: URL of the commands module; URL of the sources of this package.
 */
const [module, root] = Deno.args as [string, string];
const { startExecutors } = await import(new URL("server/executors.ts", root).href);
const { serverSettings } = await import(new URL("server/settings.ts", root).href);
const { silentLogger } = await import(new URL("logging/logger.ts", root).href);
const { codecsWith } = await import(new URL("wire/codecs/codecs.ts", root).href);
const codec = codecsWith();

/** As it arrives at a caller. */
const sent = (value: unknown) => JSON.parse(JSON.stringify(value ?? null));

async function plain(): Promise<unknown> {
  const { value } = await import(module);
  return await value();
}

async function sandboxed(isolation: "worker" | "process"): Promise<unknown> {
  const settings = serverSettings({ commands: new URL(module), isolation, concurrency: 1 });
  await using executor = await startExecutors(settings, { logger: silentLogger });
  const outcome = await executor.run({
    input: codec.encode(undefined),
    context: { id: "1", command: "value", deadline: Date.now() + 30_000, attempt: 1, metadata: {} },
    resultAs: "value",
  }, new AbortController().signal);
  if (!outcome.ok) throw new Error(`${outcome.failure.code}: ${outcome.failure.message}`);
  return codec.decode(outcome.output);
}

async function attempt(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return sent(await run());
  } catch (error) {
    return `FAILED: ${(error as Error).message}`;
  }
}

console.log(JSON.stringify({
  plain: await attempt(plain),
  worker: await attempt(() => sandboxed("worker")),
  process: await attempt(() => sandboxed("process")),
}));
