/**
 * Prometheus metrics of clients and servers, and the probes of Kubernetes.
 *
 * @example
 * ```ts
 * import { serve } from "@kafka-rpc/deno";
 * import { health, Metrics, ready } from "@kafka-rpc/deno/metrics";
 *
 * export async function main(): Promise<void> {
 *   const metrics = new Metrics();
 *   await using server = await serve({
 *     commands: new URL("./commands.ts", import.meta.url),
 *     interceptors: [metrics.server],
 *   });
 *   metrics.watch(server);
 *   const live = health(server), serving = ready(server);
 *   await using http = Deno.serve({ port: 9464 }, (request) => {
 *     const { pathname } = new URL(request.url);
 *     if (pathname === "/health") return live();
 *     if (pathname === "/ready") return serving();
 *     return metrics.respond(request);
 *   });
 *   await server.finished;
 * }
 * ```
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Client, ClientCounts } from "../client/client.ts";
import { withMethods } from "../options/check.ts";
import { shape } from "../options/shape.ts";
import type { Interceptor } from "../pipeline/call.ts";
import { withoutGuard } from "../pipeline/guard.ts";
import type { ServerCounts } from "../server/counts.ts";
import type { Server } from "../server/server.ts";
import { utf8 } from "../wire/utf8.ts";
import { codeOf, DURATION_BOUNDS, isUnknownCommand, OTHER } from "./method.ts";
export { health, type Probed, ready } from "./probes.ts";

const CLIENT_COUNTS: Readonly<Record<keyof ClientCounts, string>> = {
  calls: "Calls that were begun.",
  pending: "Calls that wait just now.",
  replies: "Replies given to a call.",
  unmatched: "Replies that nobody waits for.",
  malformed: "Records of the results topic that are no reply.",
  unauthenticated: "Replies that are not signed as `verify` wants it.",
};

const SERVER_COUNTS: Readonly<Record<keyof ServerCounts, string>> = {
  received: "Records that came.",
  waiting: "Requests that wait for a slot just now.",
  running: "Commands that run just now.",
  succeeded: "Commands that gave a result.",
  failed: "Commands that failed, refused ones included.",
  repeated: "Repeated requests that got their first reply again, or joined the one in flight.",
  canceled: "Requests that their caller canceled.",
  shed: "Requests that could not have started in time and were refused.",
  expired: "Requests that came after their deadline.",
  malformed: "Records that could not be read.",
  unauthenticated: "Requests and control records that are not signed as `verify` wants it.",
  denied: "Requests that `authorize` did not allow.",
  lost: "Replies that could not be sent.",
};

/** Counts that also go down. */
const GAUGES: ReadonlySet<string> = new Set(["pending", "waiting", "running"]);

const LABELS = ["command", "code"] as const;

/** What is needed of a `Registry` of prom-client; one of its own version is best. */
export interface MetricsRegistry {
  /** Content type of the text. */
  readonly contentType: string;
  /** The metrics as text. */
  metrics(): Promise<string>;
  /** Takes a metric of prom-client. */
  registerMetric(metric: never): void;
}

/** Options of {@linkcode Metrics}. */
export interface MetricsOptions {
  /** Registry of the program's own, for one endpoint with its other metrics. Default: a new one. */
  readonly registry?: MetricsRegistry | undefined;
}

/**
 * Metrics of any number of clients and servers of one process.
 *
 * Histograms, through the interceptors: `kafka_rpc_client_call_duration_seconds` and
 * `kafka_rpc_server_call_duration_seconds`, with the labels `command` and `code` (`ok`, or that of
 * the failure). From the counts of what is watched, summed up: `kafka_rpc_client_calls_total`,
 * `kafka_rpc_server_received_total` and so on, one for each of `counts`; `kafka_rpc_clients_connected`
 * and `kafka_rpc_server_partitions`.
 */
export class Metrics {
  /** Measures calls: for `interceptors` of clients. */
  readonly client: Interceptor;
  /** Measures calls: for `interceptors` of servers. */
  readonly server: Interceptor;
  /** Holds the metrics; `metrics()` of it gives them as text. */
  readonly registry: MetricsRegistry;
  readonly #registry: Registry;
  readonly #clients = new Set<Client>();
  readonly #servers = new Set<Server>();

  /**
   * Registers the metrics.
   *
   * @param options The registry.
   * @throws {RpcError} `invalid_argument` for an option that can't be right.
   */
  constructor(options: MetricsOptions = {}) {
    const { registry = new Registry() } = metricsOptions(options, "");
    this.registry = registry;
    this.#registry = registry as Registry; // checked to be one
    this.client = measure(this.#durations("client", "Calls, all attempts included, in seconds."));
    this.server = measure(this.#durations("server", "Calls that came to a command, in seconds."));
    const clients = this.#clients;
    const servers = this.#servers;
    this.#counts("client", CLIENT_COUNTS, () => [...clients].map(({ counts }) => counts));
    this.#counts("server", SERVER_COUNTS, () => [...servers].map(({ counts }) => counts));
    this.#gauge("kafka_rpc_clients_connected", "Clients whose results stream is connected.", () => {
      return [...clients].filter(({ state }) => state === "connected").length;
    });
    this.#gauge("kafka_rpc_server_partitions", "Partitions of the commands topic held.", () => {
      return sum([...servers].map(({ partitions }) => partitions.length));
    });
  }

  /**
   * Includes the counts of a client or server.
   *
   * @param side Client or server.
   * @returns Leaves it out again when it is disposed of.
   */
  watch(side: Client | Server): Disposable {
    // A server has commands; a class of either module may be loaded twice.
    const watched: Set<unknown> = "commands" in side ? this.#servers : this.#clients;
    watched.add(side);
    return { [Symbol.dispose]: () => void watched.delete(side) };
  }

  /**
   * Answers the request of a Prometheus.
   *
   * @param request The request; GET and HEAD are answered, anything else is 405.
   * @returns The metrics, in the text format 0.0.4.
   *
   * @see https://prometheus.io/docs/instrumenting/exposition_formats/
   */
  async respond(request: Request): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Cannot answer: metrics are read by GET.\n", {
        status: 405,
        headers: { allow: "GET, HEAD" },
      });
    }
    const text = await this.registry.metrics();
    const headers = { "content-type": this.registry.contentType };
    if (request.method !== "HEAD") return new Response(text, { headers });
    // Without it Deno says that there would be nothing.
    const length = String(utf8(text).byteLength);
    return new Response(null, { headers: { ...headers, "content-length": length } });
  }

  #durations(side: "client" | "server", help: string): Histogram<typeof LABELS[number]> {
    return new Histogram({
      name: `kafka_rpc_${side}_call_duration_seconds`,
      help,
      labelNames: LABELS,
      buckets: [...DURATION_BOUNDS],
      registers: [this.#registry],
    });
  }

  #counts<Name extends string>(
    side: "client" | "server",
    helps: Readonly<Record<Name, string>>,
    all: () => readonly Readonly<Record<Name, number>>[],
  ): void {
    for (const name of Object.keys(helps) as Name[]) {
      const now = () => sum(all().map((counts) => counts[name]));
      const full = `kafka_rpc_${side}_${name}`;
      if (GAUGES.has(name)) this.#gauge(full, helps[name], now);
      else this.#counter(`${full}_total`, helps[name], now);
    }
  }

  #gauge(name: string, help: string, now: () => number): void {
    const collect = () => gauge.set(now());
    const gauge: Gauge = new Gauge({ name, help, registers: [this.#registry], collect });
  }

  #counter(name: string, help: string, now: () => number): void {
    const collect = () => {
      counter.reset();
      counter.inc(now());
    };
    const counter: Counter = new Counter({ name, help, registers: [this.#registry], collect });
  }
}

const metricsOptions = shape<MetricsOptions>({
  registry: withMethods<MetricsRegistry>(
    { metrics: true, registerMetric: true },
    "Give a Registry of prom-client.",
  ),
}, { owner: "Metrics", example: "{ registry }" });

function measure(durations: Histogram<typeof LABELS[number]>): Interceptor {
  // No async function: those that wait by the thousand would keep half a kilobyte each for it.
  return withoutGuard((next) => (call) => {
    const start = performance.now();
    return next(call).then((outcome) => {
      const command = isUnknownCommand(call, outcome) ? OTHER : call.command;
      durations.observe({ command, code: codeOf(outcome) }, (performance.now() - start) / 1_000);
      return outcome;
    });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((whole, number) => whole + number, 0);
}
