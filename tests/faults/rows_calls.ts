/**
 * Rows of the fault matrix: calls to every server, and calls that outlive their caller.
 *
 * @module
 */
import type { CallHandle } from "@kafka-rpc/deno";
import { Child } from "./child.ts";
import type { SubmitterSetup } from "./fixtures/submitter.ts";
import { GatherLoad } from "./gather_load.ts";
import type { MakeRow } from "./rows_connection.ts";
import { answerTo } from "./work.ts";

const SERVERS = 3;
/** Calls that are submitted before their caller is killed. */
const SUBMITTED = 100;

/** One of three servers ends at once; another one comes. */
export const gatherServerKilled: MakeRow = ({ brokers }, { calls, perSecond }) => ({
  name: "calls to all: one server of three SIGKILL",
  brokers,
  calls,
  servers: SERVERS,
  load: { perSecond },
  // What it answered since its last commit.
  extra: calls,
  fault: async (scene) => {
    const gathers = new GatherLoad(scene);
    await gathers.answered(SERVERS, 0);
    await scene.servers[0]!.kill();
    await scene.startServer().said("ready");
    scene.healed();
    if (!await gathers.answered(SERVERS, scene.times.healed)) scene.faults.push("not all answer");
    await gathers.settled([]);
  },
  examine: (_, ran) => twice(ran.map(({ call }) => call).filter((call) => call.includes("@"))),
});

/** The broker ends at once and comes back, while every server is called. */
export const gatherBrokerKilled: MakeRow = (arena, { calls, perSecond }) => ({
  name: "calls to all: broker killed, and back",
  brokers: arena.brokers,
  calls,
  servers: SERVERS,
  load: { perSecond },
  fault: async (scene) => {
    const gathers = new GatherLoad(scene);
    await gathers.answered(SERVERS, 0);
    await arena.away((node) => node.kill());
    await arena.back();
    scene.healed();
    if (!await gathers.answered(SERVERS, scene.times.healed)) scene.faults.push("not all answer");
    await gathers.settled(["unavailable"]);
  },
  examine: (_, ran) => twice(ran.map(({ call }) => call).filter((call) => call.includes("@"))),
});

/** The caller of submitted calls ends at once, then the broker, which comes back; others attach. */
export const submittedOutlives: MakeRow = (arena, { calls, perSecond }) => ({
  name: "submitted: caller SIGKILL, broker killed, and back",
  brokers: arena.brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    const options = { brokers: arena.brokers, topic: scene.topic };
    const setup: SubmitterSetup = { options, holdMs: 200 };
    const submitter = new Child("submitter.ts", setup);
    const said = () => submitter.events.items.filter(({ event }) => event === "submitted");
    await scene.load.until(() => said().length >= SUBMITTED, 40_000);
    await submitter.kill();
    await arena.away((node) => node.kill());
    await arena.back();
    scene.healed();
    const submitted = said();
    if (submitted.length < SUBMITTED) scene.faults.push(`${submitted.length} were submitted`);
    const results = await Promise.all(submitted.map(async ({ handle, text }) => {
      const call = scene.client.attach(handle as CallHandle);
      const result = await call.result({ timeoutMs: 30_000 }).catch((error) => error);
      return Object(result).answer === answerTo(String(text)) ? "ok" : String(result);
    }));
    const wrong = results.filter((result) => result !== "ok");
    scene.notes.push(`submitted: ${results.length}, results ${results.length - wrong.length}`);
    if (wrong.length > 0) scene.faults.push(`${wrong.length} without their result: ${wrong[0]}`);
  },
  examine: (_, ran) =>
    twice(ran.map(({ call }) => call).filter((call) => call.startsWith("submit"))),
});

/** What ran more than once. */
function twice(names: readonly string[]): string[] {
  const more = names.length - new Set(names).size;
  return more > 0 ? [`${more} were run twice by one server`] : [];
}
