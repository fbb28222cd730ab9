// Authenticates a connection by a library's mechanisms: what fails underneath keeps its kind, and
// only the broker's own word is a refusal.
// See https://kafka.apache.org/protocol#sasl_handshake
import { Buffer } from "node:buffer";
import { addressText } from "../brokers.ts";
import { BoundedReader } from "./bounded_reader.ts";
import type { SaslTexts } from "./login_texts.ts";
import { type BrokerAddress, ConnectionFailed } from "./port.ts";
import { type BrokerSocket, commonVersion, type RequestKind } from "./versions.ts";

const HANDSHAKE = { name: "SaslHandshake", key: 17, versions: [1, 1] } as const;
const AUTHENTICATE = { name: "SaslAuthenticate", key: 36, versions: [0, 1] } as const;
const UNSUPPORTED_SASL_MECHANISM = 33;
const ILLEGAL_SASL_STATE = 34;
/** Rounds of hashing that a broker may ask for; Kafka's own allow 16 384. */
const MAX_SCRAM_ITERATIONS = 1_000_000;
/** Answers the refusal of a token, as RFC 7628, section 3.2.3 has it. */
const REFUSAL_SEEN = Buffer.from("\x01");

/** A library's side of one mechanism. It may write to the credentials. */
export type Mechanism = (
  conversation: Conversation,
  credentials: Readonly<Record<string, unknown>>,
) => Promise<unknown>;

/** By their names in the protocol. */
export type Mechanisms = Readonly<Record<string, Mechanism>>;

/**
 * Authenticates a connection; that it ends, ends this. Gives the milliseconds that the broker
 * accepts it; undefined where it sets no end.
 */
export async function authenticate(
  connection: BrokerSocket,
  sasl: SaslTexts,
  mechanisms: Mechanisms,
): Promise<number | undefined> {
  const { socket } = connection;
  const name = sasl.mechanism.toUpperCase();
  const mechanism = mechanisms[name];
  if (mechanism === undefined) {
    const known = Object.keys(mechanisms).join(", ");
    const text = `the Kafka library in use does not have the SASL mechanism ${name}, but ${known}`;
    throw new ConnectionFailed("unsupported", text);
  }
  await shakeHands(connection, name);
  const conversation = new Conversation(connection);
  try {
    await Promise.race([
      mechanism(conversation, conversation.credentials(sasl)),
      // A provider of tokens that hangs must not outlive the connection.
      socket.ended.then((reason) => {
        throw reason;
      }),
    ]);
  } catch (error) {
    if (!socket.isOpen) throw await socket.ended;
    throw conversation.failed(error);
  }
  return conversation.sessionMs;
}

async function shakeHands(connection: BrokerSocket, mechanism: string): Promise<void> {
  const text = Buffer.from(mechanism);
  const length = Buffer.alloc(2);
  length.writeInt16BE(text.length);
  const { reader } = await ask(connection, HANDSHAKE, [length, text]);
  const error = reader.int16();
  if (error === 0) return;
  const offered = reader.array(() => reader.string());
  let refusal = `refused the SASL mechanism ${mechanism} with error ${error}`;
  if (error === UNSUPPORTED_SASL_MECHANISM) {
    refusal = `does not offer the SASL mechanism ${mechanism}, but ${offered.join(", ")}`;
  } else if (error === ILLEGAL_SASL_STATE) refusal = "does not take SASL on this listener";
  throw new ConnectionFailed("authentication", `${addressText(connection.address)} ${refusal}`);
}

/** What a mechanism says to the broker, and what that answers. */
export class Conversation {
  readonly #connection: BrokerSocket;
  readonly #peer: string;
  #failure: ConnectionFailed | undefined;
  sessionMs: number | undefined;

  constructor(connection: BrokerSocket) {
    this.#connection = connection;
    this.#peer = addressText(connection.address);
  }

  get address(): BrokerAddress {
    return this.#connection.address;
  }

  /** The first failure counts: libraries wrap it, and lose what it was. */
  failed(error: unknown): ConnectionFailed {
    return this.#failure ??= error instanceof ConnectionFailed
      ? error
      : new ConnectionFailed("protocol", `${this.#peer}: ${(error as Error).message}`, {
        cause: error,
      });
  }

  /** Copies what the mechanism needs: libraries write to their options. */
  credentials(sasl: SaslTexts): Record<string, unknown> {
    if (!("oauthBearerProvider" in sasl)) return { ...sasl };
    const { oauthBearerProvider } = sasl;
    return {
      oauthBearerProvider: async () => {
        try {
          const token = await oauthBearerProvider();
          if (typeof token?.value === "string" && token.value !== "") return token;
        } catch (cause) {
          const text = cause instanceof Error ? cause.message : String(cause);
          throw this.failed(new ConnectionFailed("token", text, { cause }));
        }
        const text = "`oauthBearerProvider` gave no `value` that is a text";
        throw this.failed(new ConnectionFailed("token", text));
      },
    };
  }

  /** Does a step of the mechanism, and notes its failure. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** Sends a message, and gives what the broker answers. */
  async ask(message: Uint8Array): Promise<Uint8Array> {
    const answer = await this.#say(message);
    this.#checkScram(Buffer.from(answer).toString());
    return answer;
  }

  /** Sends a message that a broker answers with nothing, unless it refuses. */
  async tell(message: Uint8Array): Promise<void> {
    const answer = await this.#say(message);
    if (answer.length === 0) return;
    // A token is refused without an error code; the code comes after that was seen.
    await this.#say(REFUSAL_SEEN);
    const text = `${this.#peer}: ${Buffer.from(answer).toString()}`;
    throw new ConnectionFailed("authentication", text);
  }

  async #say(message: Uint8Array): Promise<Uint8Array> {
    const length = Buffer.alloc(4);
    length.writeInt32BE(message.length);
    const { reader, version } = await ask(this.#connection, AUTHENTICATE, [length, message]);
    const error = reader.int16();
    const refusal = reader.nullableString();
    const answer = reader.bytes();
    if (error !== 0) {
      const text = `${this.#peer}: ${refusal || `SASL failed with error ${error}`}`;
      throw new ConnectionFailed("authentication", text);
    }
    const session = version >= 1 ? Number(reader.int64()) : 0;
    this.sessionMs = session > 0 ? session : undefined;
    return answer;
  }

  /** @see https://www.rfc-editor.org/rfc/rfc5802#section-7 */
  #checkScram(message: string): void {
    if (message.startsWith("e=")) {
      throw new ConnectionFailed("authentication", `${this.#peer}: ${message.slice(2)}`);
    }
    const iterations = Number(/,i=(\d+)/.exec(message)?.[1] ?? 0);
    if (iterations <= MAX_SCRAM_ITERATIONS) return;
    const text = `${this.#peer} asks for ${iterations} iterations of SCRAM, more than ` +
      `${MAX_SCRAM_ITERATIONS}`;
    throw new ConnectionFailed("protocol", text);
  }
}

async function ask(
  { socket, address, versions }: BrokerSocket,
  kind: RequestKind,
  body: readonly Uint8Array[],
): Promise<{ reader: BoundedReader; version: number }> {
  const version = commonVersion(versions, kind, address);
  const answer = await socket.request({ ...kind, version, body });
  return { reader: new BoundedReader(answer), version };
}
