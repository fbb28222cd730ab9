/**
 * Cures of the membership in a group.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const GROUP = "src/transport/kafka/group";
const TESTS = "tests/transport/kafka/group";

/** Noticed by the tests of a member on simulated brokers, or by whole minutes of them. */
export const GROUP_MUTANTS: readonly Mutant[] = [
  {
    name: "refused group is tried again",
    fault: "a group that refuses for good is asked for the whole start",
    edits: [{
      file: "src/transport/kafka/moment.ts",
      find: 'if (kind === "refused" || kind === "misconfigured") return failure;',
      replace: "if (kind === undefined) return failure;",
    }],
    by: [`${TESTS}/member_test.ts`],
  },
  {
    name: "heartbeat outlasts the session",
    fault: "an answer to a heartbeat is waited for as long as slow brokers may take",
    edits: [{
      file: `${GROUP}/membership.ts`,
      find: "return this.isMember ? Math.max(leftMs, HEARTBEAT_MS) : Infinity;",
      replace: "return Infinity;",
    }],
    by: [`${TESTS}/heartbeat_test.ts`],
  },
  {
    name: "membership by the wall clock",
    fault: "a step of the machine's clock is a gap, or hides one",
    edits: [{
      file: `${GROUP}/membership.ts`,
      find: "return clock.now() - this.#acknowledgedAt < SESSION_MS;",
      replace: "return clock.wallTime() - this.#acknowledgedAt < SESSION_MS;",
    }, {
      file: `${GROUP}/membership.ts`,
      find: "this.#acknowledgedAt = sentAt;",
      replace: "this.#acknowledgedAt = clock.wallTime() + (sentAt - clock.now());",
    }],
    by: [`${TESTS}/member_test.ts`],
  },
  {
    name: "gap not noticed",
    fault: "after a pause longer than the session commands of others are started",
    edits: [{
      file: `${GROUP}/membership.ts`,
      find: "return clock.now() - this.#acknowledgedAt < SESSION_MS;",
      replace: "return this.#acknowledgedAt > -Infinity;",
    }],
    by: [`${TESTS}/member_test.ts`],
  },
  {
    name: "coordinator that moved",
    fault: "heartbeats go to a broker that is no longer the coordinator",
    edits: [{
      file: `${GROUP}/membership.ts`,
      find: `      cluster.forgetCoordinator(group);
      throw error;`,
      replace: "      throw error;",
    }, {
      file: `${GROUP}/membership.ts`,
      find:
        'if (errorCode(answer.error).refreshes === "coordinator") cluster.forgetCoordinator(group);',
      replace: "",
    }],
    by: [`${TESTS}/member_test.ts`],
  },
  {
    name: "lost join is waited for",
    fault: "a join that the network swallowed is parked to its end",
    edits: [{
      file: `${GROUP}/parked.ts`,
      find: "if (contradictions < LOST) continue;",
      replace: "if (contradictions < Infinity) continue;",
    }],
    by: [`${TESTS}/lost_join_test.ts`],
  },
  {
    name: "commits of others taken back",
    fault: "a server that was left behind commits what it knew before",
    edits: [{
      file: "src/server/request_consumer.ts",
      find: "        this.#offsets.leave();\n",
      replace: "",
    }],
    by: ["tests/server/lost_membership_test.ts"],
  },
  {
    name: "a late commit stands",
    fault: "what a dead connection still held takes a later commit back, for good",
    edits: [{
      file: "src/server/commits.ts",
      find: "this.#repeat.at <= clock.now()",
      replace: "this.#repeat.at <= -Infinity",
    }],
    by: ["tests/server/commits_test.ts"],
  },
];
