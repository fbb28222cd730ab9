/**
 * What telemetry costs: calls without any, with metrics, with OpenTelemetry that nobody exports, and
 * exported by Deno; and what OpenTelemetry alone takes of that.
 *
 * @module
 */
import type { Call, CallHandler } from "../../src/pipeline/call.ts";
import { publish } from "../../src/pipeline/diagnostics.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { type ContestantName, TELEMETRY_ALONE } from "../contestants/contestants.ts";
import { type LanePlan, startLanes } from "../lanes/start_lanes.ts";
import { measureRounds } from "../lanes/rounds.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { show } from "../report/text.ts";
import type { SectionPlace } from "./section.ts";

/** Its rows, where goals need them. */
export const TELEMETRY_ROWS = {
  without: "in process (kafkajs)" satisfies ContestantName,
  metrics: "metrics (kafkajs)" satisfies ContestantName,
  histograms: "OpenTelemetry, exported without spans (kafkajs)",
  exported: "OpenTelemetry, exported (kafkajs)",
  off: "both channels, nobody subscribes, without Kafka",
} as const;

/** Calls of a round that go through the channels. */
const CALLS = 1_000_000;

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
  const off: Row = { name: TELEMETRY_ROWS.off, samples: {} };
  for (let round = 0; round < rounds; round++) sample(off, "channels", channelNanos());
  return [
    {
      title: `Telemetry: ${rounds} rounds of 2 × 100 calls, then ${burst} at once`,
      rows: measured.map(({ row }) => row),
    },
    { title: `Telemetry off: ${rounds} rounds of ${show(CALLS)} calls`, rows: [off] },
  ];
}

/** What the channels of both sides take of a call, beyond what they hand it on to. */
function channelNanos(): number {
  const pending = new Promise<Outcome>(() => {});
  const handle: CallHandler = () => pending;
  const through = publish("client")(publish("server")(handle));
  const call = {} as Call; // nobody looks at it
  const nanos = (handOn: CallHandler) => {
    const start = performance.now();
    for (let n = 0; n < CALLS; n++) void handOn(call);
    return (performance.now() - start) / CALLS * 1e6;
  };
  return nanos(through) - nanos(handle);
}
