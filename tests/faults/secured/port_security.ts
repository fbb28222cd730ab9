/**
 * The adapter at the listeners of a secured node: who gets in, and what each failure is called.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { SaslTexts } from "../../../src/transport/kafka/login_texts.ts";
import { kafkajs } from "../../../src/transport/kafka/kafkajs/protocol.ts";
import { type Library, protocolOf } from "../../../src/transport/kafka/library.ts";
import {
  type BrokerConnection,
  ConnectionFailed,
  type FailureKind,
  type OpenOptions,
} from "../../../src/transport/kafka/port.ts";
import { type ListenerName, USERS } from "../../../tools/kafka/secured/listeners.ts";
import { unsecuredToken } from "../../../tools/kafka/secured/token.ts";
import { LIBRARIES } from "../../transport/kafka/libraries.ts";
import { within } from "../../within.ts";
import { SHARED } from "../opening.ts";
import { ca, foreign, node } from "./node.ts";

type How = Partial<OpenOptions> & { readonly host?: string; readonly library?: Library };

function open(listener: ListenerName, { host = "127.0.0.1", library = kafkajs, ...how }: How = {}) {
  const { signal } = new AbortController();
  const options = { clientId: "secured", background: false, signal, ...how };
  return protocolOf(library).open({ host, port: node.port(listener) }, options);
}

/** Asks something over a connection, and closes it. */
async function use(connection: BrokerConnection): Promise<number> {
  try {
    return (await connection.send("Metadata", { topics: ["missing"] })).topics[0]!.error;
  } finally {
    connection.close();
  }
}

async function failure(listener: ListenerName, how: How = {}): Promise<ConnectionFailed> {
  const using = async () => void await use(await open(listener, how));
  return await within(assertRejects(using, ConnectionFailed), "the failure");
}

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const TOPIC_AUTHORIZATION_FAILED = 29;
const admin = { username: "admin", password: USERS.admin };

const bearer = (value: string): SaslTexts => {
  return { mechanism: "oauthbearer", oauthBearerProvider: () => Promise.resolve({ value }) };
};

for (const [name, library] of LIBRARIES) {
  for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
    Deno.test(`${name}: ${mechanism} lets in who has the password`, async () => {
      const connection = await open("sasl", {
        library,
        sasl: Object.freeze({ mechanism, ...admin }),
      });
      assertEquals(connection.sessionMs, undefined);
      assertEquals(await use(connection), UNKNOWN_TOPIC_OR_PARTITION);
    });

    Deno.test(`${name}: ${mechanism} refuses a wrong password in the broker's words`, async () => {
      const sasl = { mechanism, ...admin, password: "wrong" };
      const { kind, message } = await failure("sasl", { library, sasl });
      assertEquals(kind, "authentication");
      assertStringIncludes(message, "Authentication failed");
    });

    Deno.test(`${name}: ${mechanism} carries signs that it has a use for itself`, async () => {
      const sasl = { mechanism, ...admin, username: "a=b,c" };
      assertEquals((await failure("sasl", { library, sasl })).kind, "authentication");
    });
  }

  Deno.test(`${name}: oauthbearer lets in who has a token, for as long as that is good`, async () => {
    const connection = await open("sasl", { library, sasl: bearer(unsecuredToken("admin")) });
    assertEquals(connection.sessionMs! > 0 && connection.sessionMs! <= 3_600_000, true);
    assertEquals(await use(connection), UNKNOWN_TOPIC_OR_PARTITION);
  });

  Deno.test(`${name}: oauthbearer refuses a token with the broker's text`, async () => {
    const { kind, message } = await failure("sasl", { library, sasl: bearer("nonsense") });
    assertEquals(kind, "authentication");
    assertStringIncludes(message, "invalid_token");
  });

  Deno.test(`${name}: a session's length is what the listener says`, async () => {
    const connection = await open("sasl_5s", { library, sasl: { mechanism: "plain", ...admin } });
    assertEquals(connection.sessionMs, 5_000);
    connection.close();
  });

  Deno.test(`${name}: TLS and a login go together`, async () => {
    const how = { library, ssl: { ca }, sasl: { mechanism: "scram-sha-512", ...admin } } as const;
    assertEquals(await use(await open("sasl_tls", how)), UNKNOWN_TOPIC_OR_PARTITION);
  });
}

const PLAIN: SaslTexts = { mechanism: "plain", ...admin };

Deno.test("a listener without SASL is named so", async () => {
  const { kind, message } = await failure("open", { sasl: PLAIN });
  assertEquals(kind, "authentication");
  assertStringIncludes(message, "does not take SASL on this listener");
});

Deno.test("a listener with SASL closes the connection of who does not log in", async () => {
  const { kind, message } = await failure("sasl");
  assertEquals(kind, "network");
  assertStringIncludes(message, "closed the connection, before the answer to Metadata");
});

Deno.test("TLS needs the broker's authority, alone or among others", async () => {
  const other = (await node.certificates.pair("foreign-client")).cert;
  assertEquals(await use(await open("tls", { ssl: { ca } })), UNKNOWN_TOPIC_OR_PARTITION);
  assertEquals(await use(await open("tls", { ssl: { ca: [other, ca] } })), 3);
});

Deno.test("mutual TLS takes the client's certificate, with its key encrypted or not", async () => {
  const plain = { ca, ...await node.certificates.pair("client") };
  const encrypted = { ca, ...await node.certificates.encryptedPair() };
  for (const ssl of [plain, encrypted]) {
    // That user may do nothing; it is the name in the certificate that it got in by.
    assertEquals(await use(await open("mutual_tls", { ssl })), TOPIC_AUTHORIZATION_FAILED);
  }
});

Deno.test("an address of IPv6 is connected to as it is", async () => {
  // A machine without IPv6 has no such listener.
  if (!node.listeners.includes("ipv6")) return;
  assertEquals(await use(await open("ipv6", { host: "::1" })), UNKNOWN_TOPIC_OR_PARTITION);
});

/** A failure of TLS: its listener, its options, its kind and its text. */
interface TlsRow {
  readonly name: string;
  readonly listener: ListenerName;
  readonly ssl: () => Promise<OpenOptions["ssl"]> | OpenOptions["ssl"];
  readonly kind: FailureKind;
  readonly text: RegExp;
}

const pair = (name: Parameters<typeof node.certificates.pair>[0]) => node.certificates.pair(name);
const TLS_ROWS: readonly TlsRow[] = [
  {
    name: "an authority that the system does not know",
    listener: "tls",
    ssl: () => true,
    kind: "tls",
    text: /certificate is not signed by the system's authorities/,
  },
  {
    name: "an authority that `ca` does not have",
    listener: "tls",
    ssl: async () => ({ ca: (await pair("foreign-ca")).cert }),
    kind: "tls",
    text: /certificate is not signed by `ssl.ca`/,
  },
  {
    name: "an expired certificate of the broker",
    listener: "tls_expired",
    ssl: () => ({ ca }),
    kind: "tls",
    text: /its certificate expired at \d{4}-/,
  },
  {
    name: "another name in the broker's certificate",
    listener: "tls_misnamed",
    ssl: () => ({ ca }),
    kind: "tls",
    text: /its certificate has another name/,
  },
  {
    name: "no certificate of this program",
    listener: "mutual_tls",
    ssl: () => ({ ca }),
    kind: "tls",
    text: /asks for a certificate of this program \(`ssl.cert` and `ssl.key`\)/,
  },
  {
    name: "an expired certificate of this program",
    listener: "mutual_tls",
    ssl: async () => ({ ca, ...await pair("expired-client") }),
    kind: "tls",
    text: /refused the certificate in `ssl.cert`, which expired at \d{4}-/,
  },
  {
    name: "a foreign certificate of this program",
    listener: "mutual_tls",
    ssl: async () => ({ ca, ...await pair("foreign-client") }),
    kind: "tls",
    text: /refused the certificate in `ssl.cert`: /,
  },
  {
    name: "a wrong passphrase",
    listener: "mutual_tls",
    ssl: async () => ({ ca, ...await node.certificates.encryptedPair(), passphrase: "wrong" }),
    kind: "tls_options",
    text: /`ssl.key` can't be decrypted with `ssl.passphrase`/,
  },
  {
    name: "TLS at a listener without it",
    listener: "open",
    ssl: () => ({ ca }),
    kind: "network",
    text: /closed the connection in place of a TLS handshake/,
  },
  {
    name: "no TLS at a listener with it",
    listener: "tls",
    ssl: () => undefined,
    kind: "protocol",
    text: /\(this is TLS\)/,
  },
];

/**
 * A broker refuses a certificate behind the handshake (TLS 1.3). What this side has written by then
 * and the broker has not read makes the broker's system reset the connection, and this one drop the
 * alert. On a busy machine most tries end so.
 */
const MOST_TRIES = 300;

for (const { name, listener, ssl, kind, text } of TLS_ROWS) {
  Deno.test(`a connection fails by its kind and text for ${name}`, async () => {
    let failed = await failure(listener, { ssl: await ssl() });
    const isAlertDropped = () => kind === "tls" && failed.kind === "network";
    for (let tries = 1; tries < MOST_TRIES && isAlertDropped(); tries++) {
      failed = await failure(listener, { ssl: await ssl() });
    }
    assertEquals(failed.kind, kind, failed.message);
    assertMatch(failed.message, text);
  });
}

Deno.test("a certificate that expired is accepted where none is checked", async () => {
  const ssl = { rejectUnauthorized: false };
  assertEquals(await use(await open("tls_expired", { ssl })), UNKNOWN_TOPIC_OR_PARTITION);
});

Deno.test(
  "a producer above its quota is told how long to wait, and is answered at once",
  SHARED,
  async () => {
    await foreign.createTopic("quota");
    await foreign.setQuotas("secured", { producer_byte_rate: 1_000 });
    const connection = await open("open");
    const value = new Uint8Array(100_000);
    const records = [{ topic: "quota", key: null, value, headers: {} }];
    const partitions = [{ topic: "quota", partition: 0, records, timestamp: 1_700_000_000_000 }];
    const answer = await connection.send("Produce", { timeoutMs: 5_000, partitions });
    connection.close();
    await foreign.setQuotas("secured", { producer_byte_rate: null });
    assertEquals([answer.partitions[0]!.error, answer.throttleMs > 0], [0, true]);
  },
);
