// Options of TLS and SASL.
import {
  callable,
  type Check,
  flag,
  flagOr,
  oneOf,
  refuse,
  secret,
  type Shape,
  text,
} from "../options/check.ts";
import { required, shape } from "../options/shape.ts";

/**
 * A text in a file. It is read for each new connection; when the file has changed, connections that
 * are open are replaced, one by one.
 */
export interface FromFile {
  /** Path of the file, or its `file:` URL. An end of line at its end does not count. */
  readonly file: string | URL;
}

/** TLS towards the brokers, as node:tls takes it; everything in PEM. */
export interface TlsOptions {
  /** Authorities to trust instead of the system's. */
  readonly ca?: string | FromFile | (string | FromFile)[] | undefined;
  /** Certificate of this program; `key` goes with it. */
  readonly cert?: string | FromFile | undefined;
  /** Private key of this program. */
  readonly key?: string | FromFile | undefined;
  /** Passphrase of the private key. */
  readonly passphrase?: string | FromFile | undefined;
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
    readonly password: string | FromFile;
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

/**
 * Gives options that change while the program runs. It is asked for each new connection, for at most
 * 5 seconds.
 *
 * @param options `signal` aborts when the options are no longer waited for.
 */
export type AskFor<Options> = (
  options: { readonly signal: AbortSignal },
) => Options | Promise<Options>;

const fromFile = shape<FromFile>({
  file: required((value, name) => {
    if (value instanceof URL && value.protocol === "file:") return value;
    return value instanceof URL
      ? refuse(name, `it is a URL of ${value.protocol}`, "Give a path, or a URL of file:.")
      : text(value, name);
  }),
}, { example: "{ file: path }" });

/** A text, or the file that has it. */
const orFile = (check: Check<string>): Check<string | FromFile> => (value, name) => {
  const isFile = Object.getPrototypeOf(Object(value)) === Object.prototype;
  return isFile ? fromFile(value, name) : check(value, name);
};

/** PEM text; the name of a file is what is given instead most often. */
const pem = orFile((value, name) => {
  if (typeof value === "string" && value.includes("-----BEGIN ")) return value;
  const advice = "Give the text of a PEM file, or { file: path }.";
  // Not the text itself: it may be a key.
  const reason = typeof value === "string" ? 'it has no line "-----BEGIN …-----"' : undefined;
  return refuse(name, reason ?? "it is no text", advice);
});

const pemOrList: Check<NonNullable<TlsOptions["ca"]>> = (value, name) => {
  if (!Array.isArray(value)) return pem(value, name);
  return Array.from(value, (entry, index) => pem(entry, `${name}[${index}]`));
};

const tlsShape = shape<TlsOptions>({
  ca: pemOrList,
  cert: pem,
  key: pem,
  passphrase: orFile(secret),
  servername: text,
  rejectUnauthorized: flag,
}, { example: "{ ca: { file: path } }" });

/** Options of TLS, as a function gives them too. */
export const tlsFields: Check<TlsOptions> = (value, name) => {
  const options = tlsShape(value, name);
  for (const [given, missing] of [["cert", "key"], ["key", "cert"]] as const) {
    if (options[given] === undefined || options[missing] !== undefined) continue;
    refuse(`${name}.${given}`, `\`${name}.${missing}\` is missing`, "Give both.");
  }
  return options;
};

const tlsObject: Check<TlsOptions> = (value, name) => {
  // Of a variable of the environment, for example.
  if (typeof value !== "string") return tlsFields(value, name);
  return refuse(
    name,
    "it is a string",
    "Give true, or an object, for example { ca: { file: path } }.",
  );
};
const flagOrTls = flagOr(Object.assign(tlsObject, { names: tlsShape.names }));

/** True, false, how, or a function that says how. */
export const tlsOptions: Shape<boolean | TlsOptions | AskFor<TlsOptions>> = Object.assign(
  orFunction<boolean | TlsOptions, TlsOptions>(flagOrTls),
  { names: flagOrTls.names },
);

function orFunction<T, Options>(check: Check<T>): Check<T | AskFor<Options>> {
  return (value, name) =>
    typeof value === "function" ? value as AskFor<Options> : check(value, name);
}

type Mechanism = SaslOptions["mechanism"];
type SaslWith<Field extends PropertyKey> = Extract<SaslOptions, Record<Field, unknown>>;

const mechanism = <const M extends Mechanism>(...names: M[]) => required(oneOf(names));

const password = (name: Mechanism) =>
  shape<SaslWith<"password">>({
    mechanism: mechanism("plain", "scram-sha-256", "scram-sha-512"),
    username: required(text),
    password: required(orFile(secret)),
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
export const saslFields: Check<SaslOptions> = (value, name) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const advice = 'Give an object, for example { mechanism: "plain", username, password }.';
    refuse(name, "it is not an object", advice);
  }
  const chosen = anyMechanism((value as { mechanism?: unknown }).mechanism, `${name}.mechanism`);
  return MECHANISMS[chosen](value, name);
};

/** Credentials, or a function that gives them. */
export const saslOptions: Check<SaslOptions | AskFor<SaslOptions>> = orFunction(saslFields);
