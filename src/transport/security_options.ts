// Options of TLS and SASL.
import {
  callable,
  type Check,
  flag,
  flagOr,
  oneOf,
  refuse,
  secret,
  text,
} from "../options/check.ts";
import { required, shape } from "../options/shape.ts";

/** TLS towards the brokers, as node:tls takes it; everything in PEM. */
export interface TlsOptions {
  /** Authorities to trust instead of the system's. */
  readonly ca?: string | string[] | undefined;
  /** Certificate of this program; `key` goes with it. */
  readonly cert?: string | undefined;
  /** Private key of this program. */
  readonly key?: string | undefined;
  /** Passphrase of the private key. */
  readonly passphrase?: string | undefined;
  /** Name that the broker's certificate must have. Default: the broker's host name. */
  readonly servername?: string | undefined;
  /** False trusts any certificate: for tests only. Default: true. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** How this program proves who it is. */
export type SaslOptions =
  | {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  }
  | {
    readonly mechanism: "oauthbearer";
    /** Gives a token; asked again before it expires. */
    readonly oauthBearerProvider: () => Promise<{ value: string }>;
  }
  | {
    readonly mechanism: "aws";
    readonly authorizationIdentity: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };

/** PEM text; the name of a file is what is given instead most often. */
const pem: Check<string> = (value, name) => {
  if (typeof value === "string" && value.includes("-----BEGIN ")) return value;
  const advice = "Give the text of a PEM file, as Deno.readTextFileSync(path) reads it.";
  // Not the text itself: it may be a key.
  const reason = typeof value === "string" ? 'it has no line "-----BEGIN …-----"' : undefined;
  return refuse(name, reason ?? "it is no text", advice);
};

const pemOrList: Check<string | string[]> = (value, name) => {
  if (!Array.isArray(value)) return pem(value, name);
  return Array.from(value, (entry, index) => pem(entry, `${name}[${index}]`));
};

const tlsShape = shape<TlsOptions>({
  ca: pemOrList,
  cert: pem,
  key: pem,
  passphrase: secret,
  servername: text,
  rejectUnauthorized: flag,
}, { example: "{ ca: Deno.readTextFileSync(path) }" });

const checkTls: Check<TlsOptions> = (value, name) => {
  const options = tlsShape(value, name);
  for (const [given, missing] of [["cert", "key"], ["key", "cert"]] as const) {
    if (options[given] === undefined || options[missing] !== undefined) continue;
    refuse(`${name}.${given}`, `\`${name}.${missing}\` is missing`, "Give both.");
  }
  return options;
};

/** True, false, or how. */
export const tlsOptions = flagOr(Object.assign(checkTls, { names: tlsShape.names }));

type Mechanism = SaslOptions["mechanism"];
type SaslWith<Field extends PropertyKey> = Extract<SaslOptions, Record<Field, unknown>>;

const mechanism = <const M extends Mechanism>(...names: M[]) => required(oneOf(names));

const password = (name: Mechanism) =>
  shape<SaslWith<"password">>({
    mechanism: mechanism("plain", "scram-sha-256", "scram-sha-512"),
    username: required(text),
    password: required(secret),
  }, { owner: `\`sasl\` with the mechanism "${name}"` });

/** What each mechanism needs. */
const MECHANISMS: Readonly<Record<Mechanism, Check<SaslOptions>>> = {
  "plain": password("plain"),
  "scram-sha-256": password("scram-sha-256"),
  "scram-sha-512": password("scram-sha-512"),
  "oauthbearer": shape<SaslWith<"oauthBearerProvider">>({
    mechanism: mechanism("oauthbearer"),
    oauthBearerProvider: required(
      callable("Give a function that gives a promise of { value: token }."),
    ),
  }, { owner: '`sasl` with the mechanism "oauthbearer"' }),
  "aws": shape<SaslWith<"accessKeyId">>({
    mechanism: mechanism("aws"),
    authorizationIdentity: required(text),
    accessKeyId: required(text),
    secretAccessKey: required(secret),
    sessionToken: secret,
  }, { owner: '`sasl` with the mechanism "aws"' }),
};

const anyMechanism = oneOf(Object.keys(MECHANISMS) as Mechanism[]);

/** Credentials: the mechanism, and what it needs. */
export const saslOptions: Check<SaslOptions> = (value, name) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const advice = 'Give an object, for example { mechanism: "plain", username, password }.';
    refuse(name, "it is not an object", advice);
  }
  const chosen = anyMechanism((value as { mechanism?: unknown }).mechanism, `${name}.mechanism`);
  return MECHANISMS[chosen](value, name);
};
