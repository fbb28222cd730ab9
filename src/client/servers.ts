// Which servers there are, what they offer, and what they have counted.
import { clock } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";
import { linkSignals } from "../async/linked_signal.ts";
import { oneOf, signal, wholeNumber } from "../options/check.ts";
import { type Schema, shape } from "../options/shape.ts";
import type { ProduceRetries } from "../transport/produce_retries.ts";
import type { Transport } from "../transport/transport.ts";
import type { CallSite } from "../wire/call_site.ts";
import { writeQuestion } from "../wire/control.ts";
import { MAX_QUESTION_MS, SERVER_DETAILS, type ServerDetail } from "../wire/discovery.ts";
import { RpcError } from "../wire/errors.ts";
import { ExpectedServers, LOOK_MS } from "./expected_servers.ts";
import { type DiscoveredServers, FoundServers } from "./found_servers.ts";
import type { OpenGatherings } from "./open_gatherings.ts";
import type { ClientSettings } from "./options.ts";
import type { ResultsStream } from "./results_stream.ts";

/** So long answers are awaited by default, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 2_000;
/** Why a wait is over. */
const OVER = "the question is over";

/** Options of one {@linkcode Client.servers}. */
export interface ServersOptions<Detail extends ServerDetail = ServerDetail> {
  /**
   * `ping`: which servers there are, and what they do just now; `info`: also what they offer; `stats`:
   * what they have counted. Default: `info`.
   */
  readonly detail?: Detail | undefined;
  /** Milliseconds after which it ends with what came, 1 to 60 000. Default: 2 000. */
  readonly timeoutMs?: number | undefined;
  /** Rejects with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

const SERVERS: Schema<ServersOptions> = {
  detail: oneOf(SERVER_DETAILS),
  timeoutMs: wholeNumber({ to: MAX_QUESTION_MS }),
  signal,
};
const serversOptions = shape(SERVERS, { owner: "servers()", example: '{ detail: "stats" }' });

export interface ServerSearchParts {
  readonly settings: Pick<ClientSettings, "group" | "controlTopic" | "connection">;
  readonly transport: Pick<Transport, "groupMembers">;
  readonly sending: Pick<ProduceRetries, "produce">;
  readonly gatherings: OpenGatherings;
  readonly results: Pick<ResultsStream, "topic" | "partition">;
}

/** Asks the servers about themselves. */
export class ServerSearch {
  readonly #parts: ServerSearchParts;
  readonly #closing = new AbortController();

  constructor(parts: ServerSearchParts) {
    this.#parts = parts;
  }

  /** See `Client.servers`. */
  async find<Detail extends ServerDetail>(
    given: ServersOptions<Detail> | undefined,
    site: CallSite,
  ): Promise<DiscoveredServers<Detail>> {
    try {
      const options = serversOptions(given ?? {}, "");
      const { detail = "info", timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
      signal?.throwIfAborted();
      return await this.#ask(detail as Detail, timeoutMs, signal);
    } catch (error) {
      throw site.pointed(error, (error) => error !== given?.signal?.reason);
    }
  }

  /** Ends every question with `canceled`. */
  close(): void {
    this.#closing.abort(new RpcError("canceled", refusal("the client was closed.")));
  }

  async #ask<Detail extends ServerDetail>(
    detail: Detail,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<DiscoveredServers<Detail>> {
    const { settings: { controlTopic, group }, gatherings, transport } = this.#parts;
    if (controlTopic === undefined) throw new RpcError("failed_precondition", WITHOUT_CONTROL);
    if (this.#closing.signal.aborted) throw new RpcError("failed_precondition", CLOSED);
    using ends = linkSignals(signal, this.#closing.signal);
    const id = clock.id();
    const deadline = clock.wallTime() + timeoutMs;
    const expected = new ExpectedServers(async (signal) =>
      await transport.groupMembers?.(group, { signal })
    );
    const found = new FoundServers(detail, expected);
    try {
      const bounds = { signal: ends.signal, timeoutMs };
      const count = await withDeadline(
        expected.look(ends.signal),
        bounds,
        () => unasked(timeoutMs),
      );
      gatherings.add(id, { digest: "", onReply: (reply) => found.add(reply) });
      await this.#send(writeQuestion(controlTopic, { id, detail, deadline, ...this.#replyTo }), {
        signal: ends.signal,
        deadline,
      });
      // A group without a member: servers that join just now answer all the same.
      await this.#gather(found, { deadline, signal: ends.signal, mayEnd: count !== 0 });
      return found.result();
    } finally {
      gatherings.remove(id);
      ends.abort(OVER);
    }
  }

  get #replyTo() {
    const { topic: replyTopic, partition: replyPartition } = this.#parts.results;
    return { replyTopic, replyPartition };
  }

  async #send(
    question: ReturnType<typeof writeQuestion>,
    { signal, deadline }: { readonly signal: AbortSignal; readonly deadline: number },
  ): Promise<void> {
    try {
      const sent = this.#parts.sending.produce(question, { until: deadline, signal });
      const timeoutMs = Math.max(1, deadline - clock.wallTime());
      await withDeadline(sent, { signal, timeoutMs }, () => unacknowledged());
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      const { code, message } = cause instanceof RpcError
        ? cause
        : { code: "unavailable" as const, message: String(cause) };
      throw new RpcError(code, refusal(message), { stage: "send", cause });
    }
  }

  async #gather(
    found: FoundServers,
    { deadline, signal, mayEnd }: { deadline: number; signal: AbortSignal; mayEnd: boolean },
  ): Promise<void> {
    const { logger } = this.#parts.settings.connection;
    while (!(mayEnd && found.expected.isWhole)) {
      const left = deadline - clock.wallTime();
      if (left <= 0) return;
      const bounds = { signal, timeoutMs: Math.min(left, LOOK_MS) };
      const isLate = await withDeadline(found.next().then(() => false), bounds).catch(() => true);
      signal.throwIfAborted();
      if (!isLate || left <= LOOK_MS) continue;
      // Where it can't be found out, those that are gone are awaited too.
      await withDeadline(found.expected.lookAgain(signal), { signal, timeoutMs: left - LOOK_MS })
        .catch((error) => logger.debug("the members of the group are not known", { error }));
    }
  }
}

const refusal = (reason: string): string => `Cannot ask the servers about themselves: ${reason}`;

const CLOSED = refusal("the client is closed. Connect a new one.");
const WITHOUT_CONTROL = refusal(
  "that goes over the control topic, which `cancellation: false` switches off. Leave that option out.",
);

function unasked(timeoutMs: number): RpcError {
  const reason =
    `no broker said within ${timeoutMs} ms which members their group has. See whether ` +
    "the brokers are in reach, or raise `timeoutMs`.";
  return new RpcError("unavailable", refusal(reason), { stage: "request" });
}

function unacknowledged(): RpcError {
  const reason = "no broker acknowledged the question in time.";
  return new RpcError("unavailable", reason);
}
