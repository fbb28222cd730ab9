/**
 * Runs a program whose runtime exports OpenTelemetry, and gives what it exported.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Collector, type SeenPoint, type SeenSpan } from "./collector.ts";

const PROGRAM = new URL("./fixtures/traced_program.ts", import.meta.url);
const CONFIG = new URL("../../deno.json", import.meta.url);

/** Kinds of spans. */
export const [SERVER, CLIENT] = [2, 3] as const;

/** What the collector got of one run. */
export interface Exported {
  readonly spans: readonly SeenSpan[];
  readonly points: readonly SeenPoint[];
  /** What the sandboxed command saw. */
  readonly seen: { readonly traceparent: string; readonly names: readonly string[] };
}

/** Runs it, on a topic of a real broker where one is named. */
export async function runTraced(topic?: string): Promise<Exported> {
  await using collector = new Collector();
  const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", ...flags, "--config", CONFIG.pathname, PROGRAM.pathname],
      ...topic === undefined ? [] : [topic],
    ],
    env: collector.variables,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(code, 0, text(stderr));
  const { spans, points } = collector;
  return { spans, points, seen: JSON.parse(text(stdout)) };
}

/** The span of a kind and name. */
export const spanOf = ({ spans }: Exported, kind: number, name: string): SeenSpan | undefined =>
  spans.find((span) => span.kind === kind && span.name === name);
