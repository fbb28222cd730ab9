/**
 * Calls for some minutes, and prints every 10 s what client and server use after a garbage
 * collection, and how long calls take. Once a minute every connection is reset: what a reconnection
 * leaves behind adds up. At the end the allocator is told to give back what it keeps: what stays
 * resident then is in use. The client's figures hold the proxy too, which shares its process.
 *
 * @module
 */
import { connect } from "@kafka-rpc/deno";
import { Arena } from "./arena.ts";
import { Child, type ChildEvent } from "./child.ts";
import type { ServerSetup } from "./fixtures/server.ts";
import { Load, type Outcome } from "./load.ts";
import { type Usage, usage, usageGivenBack } from "./usage.ts";

const EVERY_MS = 10_000;
const RESET_EVERY = 6;
const PER_SECOND = 100;
/** What comes before is warming up, and is left out of the summary. */
const WARM_SAMPLES = 3;

interface Sample {
  readonly seconds: number;
  readonly calls: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  readonly client: Usage;
  readonly server: Usage;
}

const minutes = Number(Deno.args[0] ?? 10);
if (!(minutes > 0)) {
  console.error(
    `Cannot soak for "${Deno.args[0]}" minutes: it is not a number above 0. Give one, as in ` +
      "`deno task soak 10`.",
  );
  Deno.exit(2);
}
const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(name, () => interrupted.abort());
}
Deno.exit(await soak() ? 0 : 1);

async function soak(): Promise<boolean> {
  await using arena = await Arena.start();
  const { brokers } = arena;
  const executions = await Deno.makeTempFile({ prefix: "kafka-rpc-soak-" });
  const setup: ServerSetup = { options: { brokers }, executions, statsMs: EVERY_MS / 2 };
  await using server = new Child("server.ts", setup);
  await server.said("ready");
  await using client = await connect({ brokers });
  const load = new Load(client, { perSecond: PER_SECOND, timeoutMs: 20_000 });
  const samples: Sample[] = [];
  const figures = " heap taken young alloc kept  fds";
  console.log(
    `     s  calls failed  p50 ms  p99 ms | client MB${figures} | server MB${figures}`,
  );
  load.start();
  const began = performance.now();
  while (performance.now() - began < minutes * 60_000 && !interrupted.signal.aborted) {
    await next(EVERY_MS);
    const outcomes = load.outcomes.splice(0);
    const sample = take(outcomes, { began, server });
    samples.push(sample);
    console.log(lineOf(sample));
    if (samples.length % RESET_EVERY === 0) arena.proxy.reset();
  }
  load.stop();
  await load.settled();
  await server.stop();
  const [ours, theirs] = [usageGivenBack(), usageIn(await server.said("given back"))];
  console.log(`given back | client MB ${megabytes(ours)} | server MB ${megabytes(theirs)}`);
  await Deno.remove(executions);
  return summary(samples, load);
}

function take(outcomes: Outcome[], from: { began: number; server: Child }): Sample {
  const times = outcomes.map((o) => o.settledAt - o.begunAt).sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? NaN;
  const stats = from.server.events.items.findLast(({ event }) => event === "stats");
  return {
    seconds: Math.round((performance.now() - from.began) / 1_000),
    calls: outcomes.length,
    failed: outcomes.filter(({ status }) => status !== "ok").length,
    p50: at(0.5),
    p99: at(0.99),
    client: usage(),
    server: usageIn(stats),
  };
}

function megabytes({ rss }: Usage): string {
  return (rss / 1e6).toFixed(1);
}

function usageIn(event: ChildEvent | undefined): Usage {
  const figure = (name: keyof Usage) => Number(event?.[name] ?? NaN);
  return {
    rss: figure("rss"),
    heap: figure("heap"),
    committed: figure("committed"),
    young: figure("young"),
    allocated: figure("allocated"),
    kept: figure("kept"),
    fds: figure("fds"),
  };
}

function lineOf({ seconds, calls, failed, p50, p99, client, server }: Sample): string {
  const column = (value: number, width: number, digits = 0) =>
    value.toFixed(digits).padStart(width);
  const used = ({ rss, heap, committed, young, allocated, kept, fds }: Usage) =>
    column(rss / 1e6, 10, 1) + column(heap / 1e6, 5, 1) + column(committed / 1e6, 6, 1) +
    column(young / 1e6, 6, 1) + column(allocated / 1e6, 6, 1) + column(kept / 1e6, 5, 1) +
    column(fds, 5);
  return column(seconds, 6) + column(calls, 7) + column(failed, 7) + column(p50, 8, 1) +
    column(p99, 8, 1) + " |" + used(client) + " |" +
    used(server);
}

/**
 * Says how each figure has moved from the first third to the last, and within what the resident
 * memory stayed in the second half; true where no call failed.
 */
function summary(all: Sample[], load: Load): boolean {
  const samples = all.slice(Math.min(WARM_SAMPLES, all.length - 1));
  const third = Math.max(1, Math.floor(samples.length / 3));
  const mean = (part: Sample[], of: (sample: Sample) => number) =>
    part.map(of).reduce((sum, value) => sum + value, 0) / part.length;
  const moved = (name: string, of: (sample: Sample) => number) => {
    const [first, last] = [mean(samples.slice(0, third), of), mean(samples.slice(-third), of)];
    return `${name} ${first.toFixed(1)} -> ${last.toFixed(1)}`;
  };
  const stayed = (name: string, of: (sample: Sample) => Usage) => {
    const sizes = samples.slice(Math.floor(samples.length / 2)).map(of)
      .toSorted((a, b) => a.rss - b.rss);
    return `${name} in the second half ${megabytes(sizes[0]!)} to ${megabytes(sizes.at(-1)!)}`;
  };
  const failed = all.reduce((sum, sample) => sum + sample.failed, 0);
  console.log(
    [
      `soak | ${load.begun} calls`,
      `${failed} failed`,
      `${load.open} without outcome`,
      moved("p50 ms", ({ p50 }) => p50),
      moved("p99 ms", ({ p99 }) => p99),
      moved("client MB", ({ client }) => client.rss / 1e6),
      stayed("client MB", ({ client }) => client),
      moved("client heap MB", ({ client }) => client.heap / 1e6),
      moved("client fds", ({ client }) => client.fds),
      moved("server MB", ({ server }) => server.rss / 1e6),
      stayed("server MB", ({ server }) => server),
      moved("server heap MB", ({ server }) => server.heap / 1e6),
      moved("server fds", ({ server }) => server.fds),
    ].join(" | "),
  );
  return failed === 0 && load.open === 0;
}

/** Until the next sample, or the end. */
async function next(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = () => resolve();
  interrupted.signal.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  interrupted.signal.removeEventListener("abort", stop);
}
