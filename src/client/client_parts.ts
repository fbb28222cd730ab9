// What a client is made of, and how that is connected.
import { LogThrottle } from "../logging/log_throttle.ts";
import { DEFAULT_CONNECT_TIMEOUT_MS } from "../options/defaults.ts";
import { openTransport } from "../transport/open.ts";
import { ProduceRetries } from "../transport/produce_retries.ts";
import type { Transport } from "../transport/transport.ts";
import { unreadable } from "./call_errors.ts";
import { Caller } from "./caller.ts";
import { OpenGatherings } from "./open_gatherings.ts";
import { PendingCalls } from "./pending_calls.ts";
import { type Reply, ResultsStream } from "./results_stream.ts";
import { ServerSearch } from "./servers.ts";
import { ServerPresence } from "./server_presence.ts";
import { ClientSigning } from "./signing.ts";
import { OpenStreams } from "./streams/open_streams.ts";
import type { ClientSettings } from "./options.ts";

/** Minimum interval between log lines about replies, in milliseconds. */
const WARN_INTERVAL_MS = 10_000;
const FOREIGN = "a reply is to another request with the id of a call that waits, it is not taken";

/** What a client is made of. */
export interface ClientParts {
  readonly transport: Transport;
  readonly retries: ProduceRetries;
  /** Undefined where nothing is signed. */
  readonly signing: ClientSigning | undefined;
  readonly pending: PendingCalls<Reply>;
  readonly streams: OpenStreams;
  readonly results: ResultsStream;
  readonly caller: Caller;
  readonly search: ServerSearch;
  /** Replies to requests of others that have the id of a call. */
  readonly foreign: LogThrottle;
  /** Tells when the results stream is interrupted and when it goes on. */
  readonly connection: EventTarget & { connected: boolean };
}

/** Connects what a client is made of; rejects as `connect` does. */
export async function openClient(settings: ClientSettings): Promise<ClientParts> {
  const { topic, resultsTopic, controlTopic, connection, signal } = settings;
  const { logger, connectTimeoutMs: timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = connection;
  const transport = await openTransport(connection, {
    topics: [
      [topic, "commands"],
      [resultsTopic, "results"],
      [controlTopic, "control"],
    ],
    rights: { Write: [topic, controlTopic], Read: [resultsTopic] },
    background: true,
    signal,
  });
  const pending = new PendingCalls<Reply>(settings.maxPending);
  const presence = new ServerPresence((signal) =>
    transport.groupIsLive(settings.group, topic, { signal })
  );
  const streams = new OpenStreams();
  const gatherings = new OpenGatherings();
  const foreign = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
  const state = Object.assign(new EventTarget(), { connected: true });
  try {
    const isAwaited = (id: string) => pending.has(id) || streams.has(id) || gatherings.has(id);
    const signing = await ClientSigning.open(settings, { isAwaited, logger });
    const results = await ResultsStream.open(transport, {
      topic: resultsTopic,
      signing,
      logger,
      signal,
      timeoutMs,
      handler: {
        onReply: (reply) => {
          presence.heard();
          const { id, digest, server } = reply;
          const isWhole = reply.frame === undefined;
          const taken = isWhole && pending.resolve(id, reply, digest) || streams.take(reply) ||
            gatherings.take(reply);
          if (!taken && pending.has(id)) foreign.log(FOREIGN, { id, server });
          return taken;
        },
        onMalformed: (id, reason) => {
          return pending.reject(id, unreadable(id, reason)) || streams.break(id, reason);
        },
        onConnected: (connected) => {
          state.connected = connected;
          presence.connected(connected);
          streams.connected(connected);
          state.dispatchEvent(new Event("change"));
        },
      },
    });
    const retries = new ProduceRetries(transport, { background: true });
    const sending = signing?.over(retries, controlTopic) ?? retries;
    const caller = new Caller({
      settings,
      transport,
      signing,
      sending,
      pending,
      streams,
      gatherings,
      results,
      presence,
    });
    const search = new ServerSearch({ settings, transport, sending, gatherings, results });
    const parts = { transport, retries, signing, pending, streams, results, caller, foreign };
    return { ...parts, search, connection: state };
  } catch (error) {
    await transport.close();
    throw error;
  }
}
