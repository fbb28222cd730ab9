// The fault matrix on a secured node: passwords and certificates that are replaced while a client
// and a server run. Every call is answered.
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SaslOptions } from "@kafka-rpc/deno";
import { type FaultProxy, startFaultProxy } from "../../../tools/fault_proxy.ts";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import { USERS } from "../../../tools/kafka/secured/listeners.ts";
import { type SecuredNode, startSecuredNode } from "../../../tools/kafka/secured/secured_node.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { lasts } from "../arena.ts";
import { openForAll, SHARED } from "../opening.ts";
import { Pair } from "../pair.ts";

let proxy: FaultProxy;
let node: SecuredNode;
let foreign: ForeignClient;

openForAll(async (opened) => {
  proxy = opened.use(await startFaultProxy({ kafka: true }));
  node = opened.use(await startSecuredNode({ advertised: { sasl: proxy.port } }));
  proxy.target = node.port("sasl");
  foreign = opened.use(await ForeignClient.start({ brokers: node.brokers("open") }));
});

Deno.test.afterEach(async () => {
  await proxy.heal();
  await foreign.setPassword("admin", USERS.admin);
});

const CHANGED = "admin-changed";

const scram = <const Password>(password: Password) =>
  ({ mechanism: "scram-sha-256", username: "admin", password }) as const;

/** Calls all the time meanwhile: each is answered, none runs twice, and the server goes on. */
async function noCallIsLost(pair: Pair, meanwhile: () => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const calls: Promise<unknown>[] = [];
  let isOver = false;
  const calling = (async () => {
    while (!isOver) {
      calls.push(pair.echo(60_000).catch((error) => failures.push(error)));
      await lasts(50);
    }
  })();
  try {
    await meanwhile();
  } finally {
    isOver = true;
    await calling;
    await Promise.all(calls);
  }
  assert(calls.length > 20, `only ${calls.length} calls`);
  assertEquals([failures, pair.ended, pair.double], [[], undefined, 0]);
}

const pairOf = (sasl: () => SaslOptions | (() => SaslOptions), listener: "sasl" | "sasl_5s") =>
  Pair.start({
    brokers: node.brokers(listener),
    serve: { sasl: sasl() },
    connect: { sasl: sasl() },
  });

Deno.test(
  "a password that is changed at the broker, then in its file, costs no call, also where connections are cut between",
  SHARED,
  async () => {
    await using files = await ScratchFolder.create({ "password": `${USERS.admin}\n` });
    const file = `${files.path}/password`;
    await using pair = await pairOf(() => scram({ file }), "sasl");
    await pair.echo();
    await noCallIsLost(pair, async () => {
      await foreign.setPassword("admin", CHANGED);
      proxy.reset();
      await lasts(3_000);
      await files.write({ "password": `${CHANGED}\n` });
      await pair.answered(30_000);
    });
    const errors = pair.serverLog.lines.items.map(({ fields }) => String(fields["error"])).join(
      "\n",
    );
    assertMatch(errors, /Authentication failed/);
  },
);

Deno.test(
  "a password that is changed in its file first is logged as refused, and taken once the broker has it",
  SHARED,
  async () => {
    await using files = await ScratchFolder.create({ "password": USERS.admin });
    const file = `${files.path}/password`;
    await using pair = await pairOf(() => scram({ file }), "sasl");
    await pair.echo();
    await noCallIsLost(pair, async () => {
      const before = new Set(proxy.connections);
      await files.write({ "password": CHANGED });
      await pair.serverLog.lines.until(
        (lines) => lines.some(({ message }) => message.startsWith("a connection with new cred")),
        "the line about the refused password",
      );
      await foreign.setPassword("admin", CHANGED);
      const left = () => proxy.connections.filter((connection) => before.has(connection)).length;
      // Those over which nothing is asked stay as they are.
      while (left() > before.size / 2) await lasts(100);
    });
  },
);

Deno.test(
  "a password that a function gives is taken up by the sessions that follow",
  SHARED,
  async () => {
    let password: string = USERS.admin;
    await using pair = await pairOf(() => () => scram(password), "sasl_5s");
    await pair.echo();
    await noCallIsLost(pair, async () => {
      await foreign.setPassword("admin", CHANGED);
      await lasts(500);
      password = CHANGED;
      await lasts(12_000);
    });
  },
);

Deno.test(
  "a client certificate that is replaced on disk is taken up by connections that are open",
  SHARED,
  async () => {
    // Certificates of two names: the rights of the first are taken away once it was replaced.
    const everything = (on: "topic" | "group") =>
      ({ on, name: "faults-", pattern: "prefixed", may: "All" }) as const;
    const rights = [everything("topic"), everything("group")];
    await foreign.setRights("client", rights);
    await foreign.setRights("server", rights);
    const { certificates } = node;
    const earlier = await certificates.pair("client");
    await using files = await ScratchFolder.create({
      "ca.pem": certificates.ca,
      "own.pem": earlier.cert,
      "own.key": earlier.key,
    });
    const file = (name: string) => ({ file: `${files.path}/${name}` });
    const ssl = { ca: file("ca.pem"), cert: file("own.pem"), key: file("own.key") };
    const brokers = node.brokers("mutual_tls");
    await using pair = await Pair.start({ brokers, serve: { ssl }, connect: { ssl } });
    await pair.echo();
    const later = await certificates.pair("server");
    await noCallIsLost(pair, async () => {
      await files.write({ "own.pem": later.cert });
      await lasts(12_000); // a certificate without its key: looked at, and not taken
      await files.write({ "own.key": later.key });
      await lasts(20_000);
      await foreign.setRights("client", []);
      await lasts(8_000);
    });
    const refused = pair.serverLog.lines.items.find(({ message }) =>
      message.startsWith("a connection with new credentials cannot be opened")
    );
    assertMatch(String(refused?.fields["error"]), /`ssl.key` is not the key of/);
  },
);
