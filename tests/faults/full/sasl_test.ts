// The fault matrix on a secured node: logins that are cut, tokens that do not come, sessions that end.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { connect, type RpcError, type SaslOptions } from "@kafka-rpc/deno";
import { API, type FaultProxy, startFaultProxy } from "../../../tools/fault_proxy.ts";
import { USERS } from "../../../tools/kafka/secured/listeners.ts";
import { type SecuredNode, startSecuredNode } from "../../../tools/kafka/secured/secured_node.ts";
import { unsecuredToken } from "../../../tools/kafka/secured/token.ts";
import { within } from "../../within.ts";
import { lasts } from "../arena.ts";
import { openForAll, SHARED } from "../opening.ts";
import { newTopic, Pair } from "../pair.ts";

let proxy: FaultProxy;
let node: SecuredNode;

openForAll(async (opened) => {
  proxy = opened.use(await startFaultProxy({ kafka: true }));
  node = opened.use(await startSecuredNode({ advertised: { sasl: proxy.port } }));
  proxy.target = node.port("sasl");
});

Deno.test.afterEach(async () => {
  await proxy.heal();
});

type Password = Exclude<SaslOptions, { mechanism: "oauthbearer" | "aws" }>;

const admin = (mechanism: Password["mechanism"]): Password => ({
  mechanism,
  username: "admin",
  password: USERS.admin,
});

/** A server and a client with the same login, each with an object of its own. */
function pairWith(sasl: () => SaslOptions, listener: "sasl" | "sasl_5s" = "sasl"): Promise<Pair> {
  return Pair.start({
    brokers: node.brokers(listener),
    serve: { sasl: sasl() },
    connect: { sasl: sasl() },
  });
}

/** A provider whose next answers can be made to fail or to hang. */
function provider() {
  const state = { asked: 0, refusesUntil: 0, hangs: 0 };
  const sasl = (): SaslOptions => ({
    mechanism: "oauthbearer",
    oauthBearerProvider: () => {
      state.asked++;
      if (performance.now() < state.refusesUntil) return Promise.reject(new Error("HTTP 503"));
      if (state.hangs-- > 0) return new Promise(() => {});
      return Promise.resolve({ value: unsecuredToken("admin") });
    },
  });
  return { state, sasl };
}

for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
  for (const api of [API.saslHandshake, API.saslAuthenticate]) {
    Deno.test(`an exchange of ${mechanism} that is cut at ${api} ends nobody`, SHARED, async () => {
      await using pair = await pairWith(() => admin(mechanism));
      await pair.echo();
      const cut = proxy.cut({ at: "response", api, times: 6 });
      proxy.reset();
      await within(cut, "the last cut");
      assert(await pair.answered(20_000) < 2_000);
      assert(await pair.echo() < 2_000);
      assertEquals(pair.ended, undefined);
    });
  }
}

Deno.test("an exchange that takes longer than a moment ends nobody", SHARED, async () => {
  await using pair = await pairWith(() => admin("scram-sha-512"));
  proxy.setFault({ answerDelay: { api: API.saslAuthenticate, delayMs: 1_500 } });
  proxy.reset();
  await pair.answered(30_000);
  await proxy.heal();
  assert(await pair.echo() < 2_000);
  assertEquals(pair.ended, undefined);
});

Deno.test("a wrong password is refused at once, with the broker's text", SHARED, async () => {
  const sasl = { ...admin("plain"), password: "wrong" };
  const began = performance.now();
  const options = { brokers: node.brokers("sasl"), topic: newTopic(), sasl };
  const error = await assertRejects(() => connect(options)) as RpcError;
  assertEquals(error.code, "unauthenticated");
  assertMatch(error.message, /Invalid username or password/);
  assert(performance.now() - began < 3_000);
});

Deno.test("a sasl object may be frozen and shared, and is never changed", SHARED, async () => {
  const shared = Object.freeze(admin("plain"));
  await using pair = await pairWith(() => shared);
  await pair.echo();
  assertEquals(shared, admin("plain"));
  const changed = { ...shared, password: "wrong" };
  const options = { brokers: node.brokers("sasl"), topic: pair.topic, sasl: changed };
  const error = await assertRejects(() => connect(options)) as RpcError;
  assertEquals(error.code, "unauthenticated");
});

Deno.test(
  "a token endpoint that refuses for 5 s ends nobody, and its own text is in the log",
  SHARED,
  async () => {
    const { state, sasl } = provider();
    await using pair = await pairWith(sasl);
    await pair.echo();
    state.refusesUntil = performance.now() + 5_000;
    proxy.reset();
    await lasts(5_000);
    assert(await pair.answered(10_000) < 2_500);
    assert(await pair.echo() < 2_000);
    assertEquals(pair.ended, undefined);
    const lines = pair.serverLog.lines.items.map((line) =>
      `${line.message} ${Object.values(line.fields).map(String).join(" ")}`
    );
    assert(lines.some((line) => line.includes("HTTP 503")), "the endpoint's text is not logged");
  },
);

Deno.test("a token endpoint that hangs once is asked again", SHARED, async () => {
  const { state, sasl } = provider();
  await using pair = await pairWith(sasl);
  await pair.echo();
  state.hangs = 4;
  proxy.reset();
  await pair.answered(40_000);
  assert(await pair.echo() < 2_000);
  assertEquals(pair.ended, undefined);
});

Deno.test(
  "a token that the broker refuses is an error with the broker's text",
  SHARED,
  async () => {
    const issuedAt = Date.now() - 7_200_000;
    const value = unsecuredToken("admin", { issuedAt, lifetimeMs: 1_000 });
    const sasl = {
      mechanism: "oauthbearer",
      oauthBearerProvider: () => Promise.resolve({ value }),
    } as const;
    const options = { brokers: node.brokers("sasl"), topic: newTopic(), sasl };
    const error = await assertRejects(() => connect(options)) as RpcError;
    assertEquals(error.code, "unauthenticated");
  },
);

/** Calls all the time; fails where one is not answered, or takes longer than 2 s. */
async function steady(pair: Pair, forMs: number): Promise<void> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    assert(await pair.echo() < 2_000);
    await lasts(50);
  }
  assertEquals(pair.ended, undefined);
  assertEquals(pair.double, 0);
}

for (const mechanism of ["plain", "scram-sha-256"] as const) {
  Deno.test(`sessions of 5 s with ${mechanism} cost no call`, SHARED, async () => {
    await using pair = await pairWith(() => admin(mechanism), "sasl_5s");
    await steady(pair, 20_000);
  });
}

Deno.test(
  "sessions of 5 s with tokens that are kept to their end cost no call",
  SHARED,
  async () => {
    const kept = () => {
      let until = 0;
      let value = "";
      const oauthBearerProvider = () => {
        if (Date.now() >= until) {
          const issuedAt = Date.now();
          until = issuedAt + 12_000;
          value = unsecuredToken("admin", { issuedAt, lifetimeMs: 12_000 });
        }
        return Promise.resolve({ value });
      };
      return { mechanism: "oauthbearer", oauthBearerProvider } as const;
    };
    await using pair = await pairWith(kept, "sasl_5s");
    await steady(pair, 30_000);
  },
);
