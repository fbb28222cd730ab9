// The library's side of each SASL mechanism that it has.
import { type Connection, saslOAuthBearer, saslPlain, saslScramSha } from "@platformatic/kafka";
import { asBuffer } from "../as_buffer.ts";
import type { Conversation, Mechanism, Mechanisms } from "../login.ts";

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly oauthBearerProvider: () => Promise<{ readonly value: string }>;
}

/** The library's request SaslAuthenticate, or what stands for it. */
type Authenticate = Parameters<typeof saslPlain.authenticate>[0];

type Answered = (error: Error | null, answer?: { readonly authBytes: Uint8Array }) => void;

type Say = (conversation: Conversation, message: Uint8Array) => Promise<Uint8Array>;

const ask: Say = (conversation, message) => conversation.ask(message);
const tell: Say = async (conversation, message) => {
  await conversation.tell(message);
  return new Uint8Array(0);
};

/** The library only passes it on, to what stands here for its request. */
const NO_CONNECTION = undefined as unknown as Connection;

const scram = (algorithm: "SHA-256" | "SHA-512") =>
  mechanism(
    ask,
    (exchange, { username, password }) =>
      saslScramSha.authenticate(exchange, NO_CONNECTION, algorithm, username, password),
  );

export const MECHANISMS: Mechanisms = {
  "PLAIN": mechanism(
    tell,
    (exchange, { username, password }) =>
      saslPlain.authenticate(exchange, NO_CONNECTION, username, password),
  ),
  "SCRAM-SHA-256": scram("SHA-256"),
  "SCRAM-SHA-512": scram("SHA-512"),
  "OAUTHBEARER": mechanism(tell, (exchange, { oauthBearerProvider }) => {
    const token = async () => (await oauthBearerProvider()).value;
    return saslOAuthBearer.authenticate(exchange, NO_CONNECTION, token, {});
  }),
};

function mechanism(
  say: Say,
  run: (exchange: Authenticate, credentials: Credentials) => Promise<unknown>,
): Mechanism {
  return (conversation, credentials) => {
    const thrown = Promise.withResolvers<never>();
    const api = (_: Connection, message: Uint8Array, answered: Answered) => {
      conversation.step(() => say(conversation, message)).then(
        (bytes) => answered(null, { authBytes: asBuffer(bytes) }),
        answered,
        // The library reads the answer in its callback: what that throws must not escape.
      ).catch(thrown.reject);
    };
    return Promise.race([
      run(api as unknown as Authenticate, credentials as unknown as Credentials),
      thrown.promise,
    ]);
  };
}
