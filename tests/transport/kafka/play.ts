/**
 * One connection over a socket that replays a script, and what becomes of it.
 *
 * @module
 */
import { type Library, openOver } from "../../../src/transport/kafka/library.ts";
import { type Api, ConnectionFailed, type FailureKind } from "../../../src/transport/kafka/port.ts";
import type { SaslTexts } from "../../../src/transport/kafka/login_texts.ts";
import { ANY } from "./recorded.ts";
import { ReplayedBroker, type Script } from "./replayed_broker.ts";

/** Where the replayed broker seems to be. */
export const ADDRESS = { host: "broker.test", port: 9092 };

/** What became of a connection: "done", or the kind of what ended it. */
export type Outcome = "done" | FailureKind;

/** What is done over a connection. */
export interface Play {
  /** What encodes and decodes. */
  readonly library: Library;
  /** Authentication. */
  readonly sasl?: SaslTexts | undefined;
  /** The request after it is open. Default: none. */
  readonly api?: Api | undefined;
}

/**
 * Plays it. Where the script stalls, the connection is closed by this side: whatever waits for it
 * must then end.
 *
 * @throws Whatever is no {@linkcode ConnectionFailed}.
 */
export async function play(script: Script, { library, sasl, api }: Play): Promise<Outcome> {
  const socket = new ReplayedBroker(script);
  const closing = new AbortController();
  const { signal } = closing;
  const stalls = script.cut?.ending === "stall";
  try {
    const opening = openOver(library, socket, {
      address: ADDRESS,
      clientId: "play",
      sasl,
      signal,
    });
    if (stalls) void closeAtStall(socket, () => closing.abort(closed()));
    const connection = await opening;
    if (api !== undefined) {
      const answer = connection.send(api, ANY[api]);
      if (stalls) void closeAtStall(socket, () => connection.close());
      await answer;
    }
    connection.close();
    await connection.ended;
    return "done";
  } catch (error) {
    if (error instanceof ConnectionFailed) return error.kind;
    throw error;
  }
}

/** Once what came before the stall has been read. */
async function closeAtStall(socket: ReplayedBroker, close: () => void): Promise<void> {
  await socket.failed;
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  await promise;
  close();
}

function closed(): ConnectionFailed {
  return new ConnectionFailed("closed", "closed by this side");
}
