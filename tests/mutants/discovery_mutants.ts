/**
 * Cures of questions to all servers: who may ask, how often, and whose answers count.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const ATTACKS = ["tests/discovery/attacks_test.ts"];
const SERVER = "src/server/discovery.ts";

/** Noticed by the table of attacks. */
export const DISCOVERY_MUTANTS: readonly Mutant[] = [
  {
    name: "question of anybody",
    fault: "a server that verifies says what it offers to who signs nothing",
    edits: [{
      file: SERVER,
      find: "const outcome = sender?.refused === undefined",
      replace: "const outcome = sender?.refused !== null",
    }, {
      file: SERVER,
      find: "failedOutcome(sender.refused, `Cannot answer about this server: ${sender.reason}.`)",
      replace: 'failedOutcome("internal", "")',
    }],
    by: ATTACKS,
  },
  {
    name: "copy of a question",
    fault: "a question is answered again and again, long after its deadline",
    edits: [{ file: SERVER, find: "if (until <= now) return;", replace: "" }],
    by: ATTACKS,
  },
  {
    name: "flood of questions",
    fault: "short questions fill the results topic with the long answers of every server",
    edits: [{
      file: SERVER,
      find: "if (!limit.take()) return this.#drop(record);",
      replace: "limit.take();",
    }],
    by: ATTACKS,
  },
  {
    name: "one limit for all",
    fault: "a flood that nobody signed takes the answers of those who sign",
    edits: [{
      file: SERVER,
      find: "sender?.refused === undefined ? this.#answers : this.#refusals;",
      replace: "sender?.refused === undefined ? this.#refusals : this.#refusals;",
    }],
    by: ATTACKS,
  },
];
