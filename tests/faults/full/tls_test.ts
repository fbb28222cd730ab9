// The fault matrix on a secured node: TLS, each mistake with a sentence of its own; IPv6.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { connect, RpcError, serve, silentLogger, type TlsOptions } from "@kafka-rpc/deno";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import { type ListenerName, USERS } from "../../../tools/kafka/secured/listeners.ts";
import { type SecuredNode, startSecuredNode } from "../../../tools/kafka/secured/secured_node.ts";
import { openForAll, SHARED } from "../opening.ts";
import { newTopic, Pair } from "../pair.ts";

let node: SecuredNode;

openForAll(async (opened) => {
  node = opened.use(await startSecuredNode());
});

/** The error of a client, and that of a server, which must say the same. */
async function refused(listener: ListenerName, ssl: TlsOptions): Promise<RpcError> {
  const options = { brokers: node.brokers(listener), topic: newTopic(), ssl };
  const began = performance.now();
  const error = await assertRejects(() => connect(options), RpcError);
  assert(performance.now() - began < 8_000, "it took longer than the moment of a start");
  const commands = { echo: (input: unknown) => input };
  const other = await assertRejects(
    () => serve({ ...options, commands, logger: silentLogger }),
    RpcError,
  );
  assertEquals(other.code, error.code);
  return error;
}

Deno.test("mutual TLS carries calls, also with an encrypted key", SHARED, async () => {
  // The certificate says who it is; that user may do everything with the topics of these tests.
  await using foreign = await ForeignClient.start({ brokers: node.brokers("open") });
  const everything = { name: "faults-", pattern: "prefixed", may: "All" } as const;
  await foreign.setRights("client", [
    { on: "topic", ...everything },
    { on: "group", ...everything },
  ]);
  const { ca } = node.certificates;
  const pairs = [await node.certificates.pair("client"), await node.certificates.encryptedPair()];
  for (const keys of pairs) {
    const ssl = { ca, ...keys };
    await using pair = await Pair.start({
      brokers: node.brokers("mutual_tls"),
      serve: { ssl },
      connect: { ssl },
    });
    await pair.echo();
  }
});

Deno.test("TLS with a login carries calls", SHARED, async () => {
  const ssl = { ca: node.certificates.ca };
  const sasl = { mechanism: "scram-sha-512", username: "admin", password: USERS.admin } as const;
  const brokers = node.brokers("sasl_tls");
  await using pair = await Pair.start({ brokers, serve: { ssl, sasl }, connect: { ssl, sasl } });
  await pair.echo();
});

interface Mistake {
  readonly what: string;
  readonly listener: ListenerName;
  readonly ssl: () => Promise<TlsOptions>;
  readonly says: RegExp;
}

const ca = () => node.certificates.ca;

const MISTAKES: readonly Mistake[] = [
  {
    what: "no client certificate",
    listener: "mutual_tls",
    ssl: () => Promise.resolve({ ca: ca() }),
    says: /certificate/i,
  },
  {
    what: "an expired client certificate",
    listener: "mutual_tls",
    ssl: async () => ({ ca: ca(), ...await node.certificates.pair("expired-client") }),
    says: /certificate/i,
  },
  {
    what: "a client certificate of a foreign authority",
    listener: "mutual_tls",
    ssl: async () => ({ ca: ca(), ...await node.certificates.pair("foreign-client") }),
    says: /certificate/i,
  },
  {
    what: "a wrong passphrase",
    listener: "mutual_tls",
    ssl: async () => ({ ca: ca(), ...await node.certificates.encryptedPair(), passphrase: "no" }),
    says: /passphrase/i,
  },
  {
    what: "a key that is no PEM",
    listener: "mutual_tls",
    ssl: async () => ({ ca: ca(), ...await node.certificates.pair("client"), key: "nonsense" }),
    says: /key/i,
  },
  {
    what: "an authority that is no PEM",
    listener: "tls",
    ssl: () => Promise.resolve({ ca: "nonsense" }),
    says: /\bca\b/i,
  },
  {
    what: "an expired certificate of the broker",
    listener: "tls_expired",
    ssl: () => Promise.resolve({ ca: ca() }),
    says: /expired/i,
  },
  {
    what: "a certificate of the broker for another name",
    listener: "tls_misnamed",
    ssl: () => Promise.resolve({ ca: ca() }),
    says: /name|altnames/i,
  },
  {
    what: "a foreign authority",
    listener: "tls",
    ssl: async () => ({ ca: (await node.certificates.pair("foreign-ca")).cert }),
    says: /authority|issuer|\bca\b/i,
  },
];

for (const { what, listener, ssl, says } of MISTAKES) {
  Deno.test(`TLS with ${what} is refused, and says so`, SHARED, async () => {
    assertMatch((await refused(listener, await ssl())).message, says);
  });
}

Deno.test("every mistake of TLS has a sentence of its own", SHARED, async () => {
  const messages = new Set<string>();
  for (const { listener, ssl } of MISTAKES) {
    const { message } = await refused(listener, await ssl());
    messages.add(message.replaceAll(/127\.0\.0\.1:\d+/g, "BROKER").replaceAll(/faults-\w+/g, "T"));
  }
  assertEquals(messages.size, MISTAKES.length, [...messages].join("\n"));
});

Deno.test(
  "plain TCP at a port of TLS, and TLS at a port of plain TCP, say so",
  SHARED,
  async () => {
    const plain = { brokers: node.brokers("tls"), topic: newTopic() };
    assertMatch((await assertRejects(() => connect(plain), RpcError)).message, /ssl|TLS/);
    const ssl = { ca: node.certificates.ca };
    const secure = { brokers: node.brokers("open"), topic: newTopic(), ssl };
    assertMatch((await assertRejects(() => connect(secure), RpcError)).message, /ssl|TLS/);
  },
);

Deno.test("an IPv6 literal works, and a broker that advertises one", SHARED, async () => {
  if (!node.listeners.includes("ipv6")) return;
  await using pair = await Pair.start({ brokers: node.brokers("ipv6") });
  await pair.echo();
});
