// The library's side of each SASL mechanism: what it says in which order. Like
// private.ts, it touches private parts; only programs that use SASL load it.
import type { Buffer } from "node:buffer";
import awsIam from "kafkajs/src/broker/saslAuthenticator/awsIam.js";
import oauthBearer from "kafkajs/src/broker/saslAuthenticator/oauthBearer.js";
import plain from "kafkajs/src/broker/saslAuthenticator/plain.js";
import scram256 from "kafkajs/src/broker/saslAuthenticator/scram256.js";
import scram512 from "kafkajs/src/broker/saslAuthenticator/scram512.js";

/** One message to the broker, and what to make of its answer. */
export interface Exchange {
  /** Gives the message as a field, with its length before it. */
  readonly request: { encode(): Buffer | Promise<Buffer> };
  /** Missing where the answer says nothing. */
  readonly response?: {
    decode(field: Buffer): unknown;
    parse(decoded: unknown): unknown;
  };
}

export interface Facade {
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
