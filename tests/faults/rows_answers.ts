/**
 * Rows of the fault matrix: answers that end in the middle, that are none, or that come late.
 *
 * @module
 */
import { API, type Cut } from "../../tools/fault_proxy.ts";
import { within } from "../within.ts";
import type { MakeRow } from "./rows_connection.ts";

/** Where an answer is cut: inside its size, behind it, inside its header, inside its body. */
const CUT_AFTER = [2, 4, 6, 11, 40] as const;
/** What is cut of both sides. */
const CUT_APIS = ["fetch", "produce", "heartbeat", "offsetCommit"] as const;

/** Answers of every kind end after some of their bytes; calls go on between two cuts. */
function cutInside(how: NonNullable<Cut["how"]>): MakeRow {
  return ({ brokers, proxy }, { calls, perSecond }) => ({
    name: `answers that ${how === "end" ? "end (FIN)" : how} inside`,
    brokers,
    calls,
    load: { perSecond },
    fault: async ({ load }) => {
      for (const api of CUT_APIS) {
        for (const after of CUT_AFTER) {
          const cut = proxy.cut({ at: "response", api: API[api], after, how });
          await within(cut, `an answer to ${api}`);
          if (await load.succeeded(5, performance.now(), 20_000)) continue;
          throw new Error(`No call succeeds 20 s after ${api} was cut after ${after} bytes.`);
        }
      }
    },
  });
}

/** One TCP reset inside a broker's answer. */
export const resetInside: MakeRow = cutInside("reset");
/** A connection that ends in order inside an answer. */
export const endInside: MakeRow = cutInside("end");
/** An answer whose rest never comes. */
export const stallInside: MakeRow = cutInside("stall");

/** What a client may find behind a wrong port, or a broken proxy. */
const NO_ANSWERS: Readonly<Record<string, Uint8Array>> = {
  "a size of 0": Uint8Array.of(0, 0, 0, 0),
  "a size of 3": Uint8Array.of(0, 0, 0, 3, 1, 2, 3),
  "a size of -1": Uint8Array.of(255, 255, 255, 255),
  "a size of -4": Uint8Array.of(255, 255, 255, 252),
  "a size of 2^31-1": Uint8Array.of(127, 255, 255, 255, 0, 0, 0, 1),
  "HTTP": new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"),
};

/** Answers that are none: of each kind for each request. */
export const noAnswers: MakeRow = ({ brokers, proxy }, { calls, perSecond }) => ({
  name: "answers that are none",
  brokers,
  calls,
  load: { perSecond },
  fault: async ({ load }) => {
    for (const api of CUT_APIS) {
      for (const [what, bytes] of Object.entries(NO_ANSWERS)) {
        await within(proxy.replace({ api: API[api], bytes }), `an answer to ${api}`);
        if (await load.succeeded(5, performance.now(), 20_000)) continue;
        throw new Error(`No call succeeds 20 s after ${what} came for ${api}.`);
      }
    }
  },
});

/** Metadata answers come 1.5 s late, from before the start on. */
export const lateMetadata: MakeRow = ({ brokers, proxy }, { calls, perSecond }) => ({
  name: "metadata answers 1.5 s late, from the start on",
  brokers,
  calls,
  load: { perSecond },
  serve: { connectTimeoutMs: 30_000 },
  connect: { connectTimeoutMs: 30_000 },
  before: () => {
    proxy.setFault({ answerDelay: { api: API.metadata, delayMs: 1_500 } });
    return Promise.resolve();
  },
  fault: async ({ load }) => {
    proxy.reset();
    await load.succeeded(50, performance.now(), 20_000);
    await proxy.heal();
  },
});
