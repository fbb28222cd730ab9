// Authentication over a replayed socket: who is to blame when it fails, and what is left alone.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import type { SaslTexts } from "../../../src/transport/kafka/login_texts.ts";
import { openOver } from "../../../src/transport/kafka/library.ts";
import { type BrokerConnection, ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { within } from "../../within.ts";
import { capVersions, framed, int32 } from "./frames.ts";
import { LIBRARIES } from "./libraries.ts";
import { ADDRESS } from "./play.ts";
import { recordedLogin } from "./recorded.ts";
import { ReplayedBroker } from "./replayed_broker.ts";

const admin = { username: "admin", password: "admin-secret" };
const PLAIN: SaslTexts = { mechanism: "plain", ...admin };
const SCRAM: SaslTexts = { mechanism: "scram-sha-256", ...admin };

function bearer(oauthBearerProvider: () => Promise<{ value: string }>): SaslTexts {
  return { mechanism: "oauthbearer", oauthBearerProvider };
}

interface Login {
  readonly answers: readonly Uint8Array[];
  readonly sasl: SaslTexts;
  readonly signal?: AbortSignal;
}

/** An answer to SaslAuthenticate, version 1, that says this. */
function says(correlationId: number, message: string): Uint8Array {
  const text = Buffer.from(message);
  const noError = Uint8Array.of(0, 0, 0xff, 0xff);
  return Buffer.concat([
    int32(correlationId),
    noError,
    int32(text.length),
    text,
    new Uint8Array(8),
  ]);
}

const BREACHES: Readonly<Record<string, string>> = {
  "one iteration": "r=x,s=AAAA,i=1",
  "a foreign random number": "r=x,s=AAAA,i=4096",
  "nothing": "",
  "nonsense": "\xff\xff",
};
for (const [name, library] of LIBRARIES) {
  const login = ({ answers, sasl, signal = new AbortController().signal }: Login): {
    socket: ReplayedBroker;
    opening: Promise<BrokerConnection>;
  } => {
    const socket = new ReplayedBroker({ answers });
    return {
      socket,
      opening: openOver(library, socket, { address: ADDRESS, clientId: "me", sasl, signal }),
    };
  };

  const failureOf = async (options: Login): Promise<ConnectionFailed> => {
    const { opening } = login(options);
    return await within(assertRejects(() => opening, ConnectionFailed), "the failure");
  };

  Deno.test(`${name}: a session's length is the broker's`, async () => {
    const connection = await login({ answers: recordedLogin("plain"), sasl: PLAIN }).opening;
    assertEquals(connection.sessionMs, 15_000);
    connection.close();
  });

  Deno.test(`${name}: a broker that sets no end to a session has none`, async () => {
    const answers = [...recordedLogin("plain").slice(0, 2), says(3, "")];
    const connection = await login({ answers, sasl: PLAIN }).opening;
    assertEquals(connection.sessionMs, undefined);
    connection.close();
  });

  Deno.test(`${name}: frozen options log in, and nothing is written to others`, async () => {
    const sasl = { ...PLAIN };
    const answers = recordedLogin("plain");
    (await login({ answers, sasl: Object.freeze({ ...sasl }) }).opening).close();
    (await login({ answers, sasl }).opening).close();
    assertEquals(sasl, PLAIN);
  });

  Deno.test(`${name}: a changed copy of the options is what logs in`, async () => {
    const answers = recordedLogin("plain");
    (await login({ answers, sasl: PLAIN }).opening).close();
    const { opening, socket } = login({ answers, sasl: { ...PLAIN, password: "changed" } });
    (await opening).close();
    assertStringIncludes(socket.requests[2]!.toString(), "changed");
  });

  Deno.test(`${name}: a refusal has the broker's text`, async () => {
    const failure = await failureOf({ answers: recordedLogin("plain, refused"), sasl: PLAIN });
    assertEquals(failure.kind, "authentication");
    assertStringIncludes(failure.message, "Authentication failed: Invalid username or password");
  });

  Deno.test(`${name}: a mechanism that is not offered is refused with those that are`, async () => {
    const failure = await failureOf({ answers: recordedLogin("aws, not offered"), sasl: PLAIN });
    assertEquals(failure.kind, "authentication");
    assertStringIncludes(failure.message, "does not offer the SASL mechanism PLAIN, but ");
    assertStringIncludes(failure.message, "SCRAM-SHA-512");
  });

  Deno.test(`${name}: a listener without SASL says so`, async () => {
    const [versions] = recordedLogin("none");
    const answers = [versions!, Buffer.concat([int32(2), Uint8Array.of(0, 34), int32(0)])];
    const failure = await failureOf({ answers, sasl: PLAIN });
    assertEquals(failure.kind, "authentication");
    assertStringIncludes(failure.message, "does not take SASL on this listener");
  });

  Deno.test(`${name}: a broker without SaslAuthenticate is never sent a password as it is`, async () => {
    const [versions, ...rest] = recordedLogin("plain");
    const answers = [capVersions(versions!, new Map([[36, -1]])), ...rest];
    const { opening, socket } = login({ answers, sasl: PLAIN });
    const failure = await assertRejects(() => opening, ConnectionFailed);
    assertEquals([failure.kind, socket.requests.length], ["unsupported", 2]);
  });

  Deno.test(`${name}: a refused token is acknowledged, and has the broker's text`, async () => {
    const answers = recordedLogin("oauthbearer, refused");
    const { opening, socket } = login({
      answers,
      sasl: bearer(() => Promise.resolve({ value: "x" })),
    });
    const failure = await assertRejects(() => opening, ConnectionFailed);
    assertEquals(failure.kind, "authentication");
    assertStringIncludes(failure.message, '{"status":"invalid_token"}');
    assertEquals([...socket.requests[3]!.subarray(-5)], [0, 0, 0, 1, 1]);
  });

  Deno.test(`${name}: a broker that refuses a token and then accepts the acknowledgement has refused`, async () => {
    const [versions, handshake] = recordedLogin("oauthbearer");
    const answers = [versions!, handshake!, says(3, '{"status":"no"}'), says(4, "")];
    const sasl = bearer(() => Promise.resolve({ value: "x" }));
    const failure = await failureOf({ answers, sasl });
    assertEquals(failure.kind, "authentication");
    assertStringIncludes(failure.message, '{"status":"no"}');
  });

  Deno.test(`${name}: a token goes out as RFC 7628 has it`, async () => {
    const answers = recordedLogin("oauthbearer");
    const { opening, socket } = login({
      answers,
      sasl: bearer(() => Promise.resolve({ value: "x" })),
    });
    (await opening).close();
    assertStringIncludes(socket.requests[2]!.toString(), "n,,\x01auth=Bearer x\x01\x01");
  });

  Deno.test(`${name}: a provider that fails is the token's failure, with its own text`, async () => {
    const sasl = bearer(() => Promise.reject(new Error("endpoint answered 503")));
    const failure = await failureOf({ answers: recordedLogin("oauthbearer"), sasl });
    assertEquals([failure.kind, failure.message], ["token", "endpoint answered 503"]);
  });

  for (const token of [undefined, {}, { value: "" }, { value: 5 }]) {
    Deno.test(`${name}: a provider that gives ${JSON.stringify(token)} is the token's failure`, async () => {
      const sasl = bearer(() => Promise.resolve(token as { value: string }));
      const failure = await failureOf({ answers: recordedLogin("oauthbearer"), sasl });
      assertEquals(failure.kind, "token");
    });
  }

  Deno.test(`${name}: a provider that hangs ends with the opening`, async () => {
    const aborting = new AbortController();
    const called = Promise.withResolvers<void>();
    const sasl = bearer(() => {
      called.resolve();
      return new Promise(() => {});
    });
    const { signal } = aborting;
    const { opening, socket } = login({ answers: recordedLogin("oauthbearer"), sasl, signal });
    await called.promise;
    aborting.abort(new Error("time is up"));
    await within(assertRejects(() => opening, Error, "time is up"), "the end");
    assertEquals(socket.destroyed, true);
  });

  Deno.test(`${name}: a socket that is lost while the provider works is the network's failure`, async () => {
    const called = Promise.withResolvers<void>();
    const sasl = bearer(() => {
      called.resolve();
      return new Promise(() => {});
    });
    const { opening, socket } = login({ answers: recordedLogin("oauthbearer"), sasl });
    await called.promise;
    socket.push(null);
    const failure = await within(assertRejects(() => opening, ConnectionFailed), "the failure");
    assertEquals(failure.kind, "network");
  });

  /** A login by SCRAM to whose first message this is the answer. */
  const scramAnswered = (message: string): Login => {
    return {
      answers: [...recordedLogin("scram-sha-256").slice(0, 2), says(3, message)],
      sasl: SCRAM,
    };
  };

  Deno.test(`${name}: a refusal in SCRAM's own words is a refusal`, async () => {
    const failure = await failureOf(scramAnswered("e=unknown-user"));
    assertEquals(failure.kind, "authentication");
    assertStringIncludes(failure.message, "unknown-user");
  });

  for (const [what, message] of Object.entries(BREACHES)) {
    Deno.test(`${name}: SCRAM answered with ${what} breaks the protocol, and is no refusal`, async () => {
      assertEquals((await failureOf(scramAnswered(message))).kind, "protocol");
    });
  }

  Deno.test(`${name}: SCRAM is not done for a broker that asks for a billion iterations`, async () => {
    const { opening, socket } = login({
      answers: recordedLogin("scram-sha-256").slice(0, 2),
      sasl: SCRAM,
    });
    const failing = assertRejects(
      () => opening,
      ConnectionFailed,
      "asks for 1000000000 iterations",
    );
    while (socket.requests.length < 3) {
      const { promise, resolve } = Promise.withResolvers<void>();
      setImmediate(resolve);
      await promise;
    }
    const nonce = /r=[^,]+$/.exec(socket.requests[2]!.toString())![0];
    socket.push(framed(says(3, `${nonce}broker,s=AAAA,i=1000000000`)));
    assertEquals((await within(failing, "the failure")).kind, "protocol");
  });

  Deno.test(`${name}: an answer to a login that can't be read breaks the protocol`, async () => {
    const answers = [...recordedLogin("plain").slice(0, 2), int32(3)];
    assertEquals((await failureOf({ answers, sasl: PLAIN })).kind, "protocol");
  });
}
