// The stand-in of an OpenTelemetry collector: takes OTLP over HTTP, as JSON.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#otlphttp

/** An attribute as OTLP has it. */
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** A span, its attributes as an object. */
export interface SeenSpan {
  readonly name: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** A record of a histogram. */
export interface SeenPoint {
  readonly metric: string;
  readonly unit: string;
  readonly count: number;
  readonly bounds: readonly number[];
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** What came so far. */
export class Collector implements AsyncDisposable {
  readonly spans: SeenSpan[] = [];
  readonly points: SeenPoint[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const take = (request: Request) => this.#take(request);
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, take);
  }

  /** Variables that make a Deno export to it. */
  get variables(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_DENO_CONSOLE: "ignore",
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const body = await request.json() as {
      // deno-lint-ignore no-explicit-any
      resourceSpans?: any[];
      // deno-lint-ignore no-explicit-any
      resourceMetrics?: any[];
    };
    const spans = (body.resourceSpans ?? []).flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans);
    for (const span of spans) {
      this.spans.push({ status: {}, ...span, attributes: named(span.attributes) });
    }
    const metrics = (body.resourceMetrics ?? []).flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics);
    for (const { name, unit, histogram } of metrics) {
      for (const { count, explicitBounds, attributes } of histogram?.dataPoints ?? []) {
        this.points.push({
          metric: name,
          unit,
          count: Number(count),
          bounds: explicitBounds,
          attributes: named(attributes),
        });
      }
    }
    return Response.json({});
  }
}

function named(attributes: readonly Attribute[] = []): Record<string, string | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}
