// A real broker's answers, cut at every byte: the outcome is the answer, or one failure of its kind;
// nothing is left open, nothing escapes.
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { SaslTexts } from "../../../src/transport/kafka/login_texts.ts";
import type { Library } from "../../../src/transport/kafka/library.ts";
import type { Api } from "../../../src/transport/kafka/port.ts";
import { within } from "../../within.ts";
import { framed } from "./frames.ts";
import { type Outcome, type Play, play } from "./play.ts";
import { LIBRARIES } from "./libraries.ts";
import { APIS, LOGINS, recordedConnection, recordedLogin, recordedVersions } from "./recorded.ts";
import type { Cut, Ending, Script } from "./replayed_broker.ts";
import { Uncaught } from "./uncaught.ts";

/** What a cut before the end of an answer comes to. */
const BROKEN: Record<Ending, Outcome> = { fin: "network", rst: "network", stall: "closed" };
const ENDINGS = Object.keys(BROKEN) as Ending[];

const bytesOf = (answers: readonly Uint8Array[]): number =>
  answers.reduce((sum, answer) => sum + framed(answer).length, 0);

/** Plays a script with a failure at each of these places; the outcomes that were not as expected. */
async function surprises(
  script: Script,
  how: Play,
  cuts: Iterable<Cut & { readonly expected: readonly Outcome[] }>,
): Promise<string[]> {
  using uncaught = new Uncaught();
  const wrong: string[] = [];
  for (const { expected, ...cut } of cuts) {
    const outcome = await within(play({ ...script, cut }, how), `cut at ${cut.at}, ${cut.ending}`);
    if (!expected.includes(outcome)) wrong.push(`cut at ${cut.at}, ${cut.ending}: ${outcome}`);
  }
  return [...wrong, ...uncaught.errors.map(String)];
}

function highest(api: Api, { requests }: Library): Uint8Array[] {
  return recordedConnection(
    api,
    Math.min(Math.max(...recordedVersions(api)), requests[api].versions[1]),
  );
}

const admin = { username: "admin", password: "admin-secret" };
const bearer = (value: string): SaslTexts => {
  return { mechanism: "oauthbearer", oauthBearerProvider: () => Promise.resolve({ value }) };
};
/** Each recorded login that has one, and what it comes to when it is whole. */
const WHOLE: Readonly<Record<string, readonly [SaslTexts, Outcome]>> = {
  "plain": [{ mechanism: "plain", ...admin }, "done"],
  "plain, refused": [{ mechanism: "plain", ...admin }, "authentication"],
  // A recorded answer has the random number of the recorded client.
  "scram-sha-256": [{ mechanism: "scram-sha-256", ...admin }, "protocol"],
  "scram-sha-512": [{ mechanism: "scram-sha-512", ...admin }, "protocol"],
  "oauthbearer": [bearer("token"), "done"],
  "oauthbearer, refused": [bearer("token"), "authentication"],
  "aws, not offered": [{ mechanism: "plain", ...admin }, "authentication"],
};

Deno.test("every recorded login is played", () => {
  assertEquals(LOGINS.filter((name) => name !== "none"), Object.keys(WHOLE));
});

for (const [name, library] of LIBRARIES) {
  Deno.test(`${name}: an answer to ApiVersions may be cut at every byte`, async () => {
    const answers = recordedLogin("none");
    const cuts = ENDINGS.flatMap((ending) =>
      Array.from(
        { length: bytesOf(answers) },
        (_, at) => ({ at, ending, expected: [BROKEN[ending]] }),
      )
    );
    assertEquals(await surprises({ answers }, { library }, cuts), []);
  });

  for (const api of APIS) {
    Deno.test(`${name}: an answer to ${api} may be cut at every byte`, async () => {
      const answers = highest(api, library);
      const opened = bytesOf(answers.slice(0, 1));
      const cuts = ENDINGS.flatMap((ending) =>
        Array.from({ length: bytesOf(answers) - opened }, (_, index) => {
          return { at: opened + index, ending, expected: [BROKEN[ending]] };
        })
      );
      assertEquals(await surprises({ answers }, { library, api }, cuts), []);
    });

    Deno.test(`${name}: an answer to ${api} comes in chunks of one byte`, async () => {
      assertEquals(
        await play({ answers: highest(api, library), chunkBytes: 1 }, { library, api }),
        "done",
      );
    });

    Deno.test(`${name}: half an answer to ${api} may be followed by another socket's bytes`, async () => {
      const answers = highest(api, library);
      const opened = bytesOf(answers.slice(0, 1));
      // Where the other bytes complete the frame they may be a value: the layout holds no check.
      const expected: Outcome[] = ["network", "protocol", "done"];
      const then = Buffer.concat(answers.map((answer) => framed(answer)));
      const cuts = Array.from({ length: bytesOf(answers) - opened }, (_, index) => {
        return { at: opened + index, ending: "fin" as const, then, expected };
      });
      assertEquals(await surprises({ answers }, { library, api }, cuts), []);
    });
  }

  for (const [login, [sasl, whole]] of Object.entries(WHOLE)) {
    Deno.test(`${name}: the login "${login}" comes to ${whole} when it is whole`, async () => {
      assertEquals(await play({ answers: recordedLogin(login) }, { library, sasl }), whole);
    });

    Deno.test(`${name}: the login "${login}" may be cut at every byte, and is no refusal then`, async () => {
      const answers = recordedLogin(login);
      // The last answer of SCRAM is not asked for: the one before it has the wrong number.
      const played = login.startsWith("scram") ? answers.slice(0, 3) : answers;
      const opened = bytesOf(answers.slice(0, 1));
      const cuts = ENDINGS.flatMap((ending) =>
        Array.from({ length: bytesOf(played) - opened }, (_, index) => {
          return { at: opened + index, ending, expected: [BROKEN[ending]] };
        })
      );
      assertEquals(await surprises({ answers: played }, { library, sasl }, cuts), []);
    });
  }
}
