/**
 * What telemetry costs: calls without any, with metrics, with OpenTelemetry that nobody exports, and
 * exported by Deno; and what OpenTelemetry alone takes of that.
 *
 * @module
 */
import { type ContestantName, TELEMETRY_ALONE } from "../contestants/contestants.ts";
import { type LanePlan, startLanes } from "../lanes/start_lanes.ts";
import { measureRounds } from "../lanes/rounds.ts";
import type { Table } from "../report/results.ts";
import type { SectionPlace } from "./section.ts";

/** Its rows, where goals need them. */
export const TELEMETRY_ROWS = {
  without: "in process (kafkajs)" satisfies ContestantName,
  metrics: "metrics (kafkajs)" satisfies ContestantName,
  histograms: "OpenTelemetry, exported without spans (kafkajs)",
  exported: "OpenTelemetry, exported (kafkajs)",
} as const;

/** Measures it. */
export async function telemetry(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  await using parts = new AsyncDisposableStack();
  // Where spans are exported to: it reads them and does nothing with them.
  const collector = parts.use(
    Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
      await request.arrayBuffer();
      return Response.json({});
    }),
  );
  const env = {
    OTEL_DENO: "true",
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
  };
  const otel: ContestantName = "OpenTelemetry (kafkajs)";
  const plans: LanePlan[] = [
    { contestant: TELEMETRY_ROWS.without },
    { contestant: TELEMETRY_ROWS.metrics },
    { contestant: otel },
    {
      contestant: otel,
      name: TELEMETRY_ROWS.histograms,
      env: { ...env, OTEL_DENO_TRACING: "false" },
    },
    {
      contestant: otel,
      name: "OpenTelemetry, exported, 1 % of spans (kafkajs)",
      env: {
        ...env,
        OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "0.01",
      },
    },
    { contestant: otel, name: TELEMETRY_ROWS.exported, env },
    { contestant: TELEMETRY_ALONE, name: `${TELEMETRY_ALONE}, exported`, env },
  ];
  const lanes = await startLanes(plans, { ...place, parts });
  // Bursts differ by more than what is measured here.
  const rounds = place.quick ? 6 : 10;
  const burst = place.quick ? 2_000 : 10_000;
  const measured = await measureRounds(lanes, { rounds, blocks: 2, burst: () => burst });
  return [{
    title: `Telemetry: ${rounds} rounds of 2 × 100 calls, then ${burst} at once`,
    rows: measured.map(({ row }) => row),
  }];
}
