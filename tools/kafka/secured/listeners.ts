/**
 * Listeners of a secured node, and the settings that make them.
 *
 * @module
 */

/** Users of every SASL mechanism, with their passwords. `admin` may do everything. */
export const USERS = {
  admin: "admin-secret",
  client: "client-secret",
  server: "server-secret",
} as const;

/** What one listener is. */
interface Listener {
  /** Its protocol. */
  readonly protocol: "PLAINTEXT" | "SASL_PLAINTEXT" | "SSL" | "SASL_SSL";
  /** Where it listens; 127.0.0.1 otherwise. */
  readonly host?: "::1";
  /** Milliseconds after which a session must authenticate again. */
  readonly sessionMs?: number;
  /** Its certificate, where that is not a good one. */
  readonly certificate?: "expired-server" | "misnamed-server";
  /** Whether clients need a certificate. */
  readonly mutual?: true;
}

const LISTENERS = {
  open: { protocol: "PLAINTEXT" },
  sasl: { protocol: "SASL_PLAINTEXT" },
  sasl_5s: { protocol: "SASL_PLAINTEXT", sessionMs: 5_000 },
  sasl_15s: { protocol: "SASL_PLAINTEXT", sessionMs: 15_000 },
  tls: { protocol: "SSL" },
  mutual_tls: { protocol: "SSL", mutual: true },
  sasl_tls: { protocol: "SASL_SSL" },
  tls_expired: { protocol: "SSL", certificate: "expired-server" },
  tls_misnamed: { protocol: "SSL", certificate: "misnamed-server" },
  ipv6: { protocol: "PLAINTEXT", host: "::1" },
} as const satisfies Record<string, Listener>;

/**
 * Name of a listener. A client of `open`, `tls` or `ipv6` has no name of its own, and may do
 * everything; the names of the others say what they ask for.
 */
export type ListenerName = keyof typeof LISTENERS;

/** A listener's two ports. */
export interface ListenerPorts {
  /** Where the node listens. */
  readonly port: number;
  /** The port that it advertises. */
  readonly advertised: number;
}

/** The names of all listeners that this machine can have: `ipv6` is not everywhere. */
export function listenerNames(): ListenerName[] {
  const names = Object.keys(LISTENERS) as ListenerName[];
  return hasIpv6() ? names : names.filter((name) => name !== "ipv6");
}

/** Where a listener listens, as it stands in front of a port. */
export function hostOf(name: ListenerName): string {
  const listener: Listener = LISTENERS[name];
  return listener.host === undefined ? "127.0.0.1" : `[${listener.host}]`;
}

/** Settings of a node with these listeners beside the controller's; certificates are in `{folder}`. */
export function listenerSettings(
  ports: ReadonlyMap<ListenerName, ListenerPorts>,
  own: { controller: number; internal: number },
): Record<string, string> {
  const all = [...ports].map(([name, { port, advertised }]) => ({
    name,
    upper: name.toUpperCase(),
    listener: LISTENERS[name] as Listener,
    bound: `${hostOf(name)}:${port}`,
    address: `${hostOf(name)}:${advertised}`,
  }));
  const internal = `INTERNAL://127.0.0.1:${own.internal}`;
  return {
    "listeners": [
      `CONTROLLER://127.0.0.1:${own.controller}`,
      internal,
      ...all.map(({ upper, bound }) => `${upper}://${bound}`),
    ].join(),
    "advertised.listeners": [internal, ...all.map(({ upper, address }) => `${upper}://${address}`)]
      .join(),
    "inter.broker.listener.name": "INTERNAL",
    "listener.security.protocol.map": [
      "CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT",
      ...all.map(({ upper, listener }) => `${upper}:${listener.protocol}`),
    ].join(),
    "ssl.principal.mapping.rules": "RULE:^CN=([^,]+)$/$1/",
    ...Object.assign({}, ...all.map(({ name, listener }) => securityOf(name, listener))),
  };
}

function securityOf(name: ListenerName, listener: Listener): Record<string, string> {
  const { protocol, sessionMs, certificate = "server", mutual } = listener;
  const settings = {
    ...protocol.startsWith("SASL") && saslSettings(sessionMs),
    ...protocol.endsWith("SSL") && {
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": `{folder}/certificates/${certificate}.store.pem`,
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": "{folder}/certificates/ca.pem",
      "ssl.client.auth": mutual ? "required" : "none",
    },
  };
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`listener.name.${name}.${key}`, value]),
  );
}

function saslSettings(sessionMs: number | undefined): Record<string, string> {
  const security = "org.apache.kafka.common.security";
  const users = Object.entries(USERS).map(([name, password]) => `user_${name}="${password}"`);
  const mechanisms = {
    "plain": `${security}.plain.PlainLoginModule required ${users.join(" ")};`,
    "scram-sha-256": `${security}.scram.ScramLoginModule required;`,
    "scram-sha-512": `${security}.scram.ScramLoginModule required;`,
    "oauthbearer": `${security}.oauthbearer.OAuthBearerLoginModule required ` +
      `unsecuredLoginStringClaim_sub="admin";`,
  };
  const settings: Record<string, string> = {
    "sasl.enabled.mechanisms": Object.keys(mechanisms).join().toUpperCase(),
    "oauthbearer.sasl.server.callback.handler.class":
      `${security}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
  };
  for (const [mechanism, login] of Object.entries(mechanisms)) {
    settings[`${mechanism}.sasl.jaas.config`] = login;
    if (sessionMs) settings[`${mechanism}.connections.max.reauth.ms`] = String(sessionMs);
  }
  return settings;
}

function hasIpv6(): boolean {
  try {
    using _listener = Deno.listen({ hostname: "::1", port: 0 });
    return true;
  } catch (error) {
    // Linux without IPv6 has no such address; one without the protocol has no such family.
    if (
      error instanceof Deno.errors.AddrNotAvailable || error instanceof Deno.errors.NotSupported
    ) {
      return false;
    }
    if (/os error (97|10047)\b/.test(String(error))) return false;
    throw error;
  }
}
