// The library's side of each SASL mechanism: what it says in which order. Like
// private.ts, it touches private parts; only programs that use SASL load it.
import { Buffer } from "node:buffer";
import awsIam from "kafkajs/src/broker/saslAuthenticator/awsIam.js";
import oauthBearer from "kafkajs/src/broker/saslAuthenticator/oauthBearer.js";
import plain from "kafkajs/src/broker/saslAuthenticator/plain.js";
import scram256 from "kafkajs/src/broker/saslAuthenticator/scram256.js";
import scram512 from "kafkajs/src/broker/saslAuthenticator/scram512.js";
import type { Conversation, Mechanism, Mechanisms } from "../login.ts";
import { asBuffer } from "../as_buffer.ts";

/** What the library writes before a message. */
const LENGTH_BYTES = 4;

/** One message to the broker, and what to make of its answer. */
interface Exchange {
  /** Gives the message as a field, with its length before it. */
  readonly request: { encode(): Buffer | Promise<Buffer> };
  /** Missing where the answer says nothing. */
  readonly response?: {
    decode(field: Buffer): unknown;
    parse(decoded: unknown): unknown;
  };
}

interface Facade {
  readonly host: string;
  readonly port: number;
  readonly logger: { debug(): void; error(): void };
  saslAuthenticate(exchange: Exchange): Promise<unknown>;
}

/** Prepares an authenticator. It may write to the options. */
type Authenticator = (
  options: Record<string, unknown>,
) => (facade: Facade) => { authenticate(): Promise<void> };

export const AUTHENTICATORS = {
  "AWS": awsIam,
  "OAUTHBEARER": oauthBearer,
  "PLAIN": plain,
  "SCRAM-SHA-256": scram256,
  "SCRAM-SHA-512": scram512,
} as unknown as Readonly<Record<string, Authenticator>>;

/** Each of them on a facade that has what it needs of a connection. */
export const MECHANISMS: Mechanisms = Object.fromEntries(
  Object.entries(AUTHENTICATORS).map(([name, authenticator]) => [name, mechanismBy(authenticator)]),
);

function mechanismBy(authenticator: Authenticator): Mechanism {
  return (conversation, credentials) => {
    const facade = {
      ...conversation.address,
      logger: { debug: () => {}, error: () => {} },
      saslAuthenticate: (exchange: Exchange) =>
        conversation.step(() => speak(conversation, exchange)),
    };
    return authenticator(credentials)(facade).authenticate();
  };
}

async function speak(
  conversation: Conversation,
  { request, response }: Exchange,
): Promise<unknown> {
  const message = (await request.encode()).subarray(LENGTH_BYTES);
  if (response === undefined) return await conversation.tell(message);
  const answer = asBuffer(await conversation.ask(message));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(answer.length);
  return await response.parse(await response.decode(Buffer.concat([length, answer])));
}
