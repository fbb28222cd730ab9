/**
 * Cures of the core: whom it asks, how long it waits, and what it takes for whose failure.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const KAFKA = "src/transport/kafka";
const TESTS = "tests/transport/kafka";

/** Noticed above the port, or by the simulator. */
export const CORE_MUTANTS: readonly Mutant[] = [
  {
    name: "one topic fails all",
    fault: "a deleted topic fails what is sent to others beside it",
    edits: [{
      file: `${KAFKA}/producer.ts`,
      find: 'throwFailure("Produce", `topic ${name}`, item ?? { error: -1 });',
      replace: `for (const one of [item ?? { error: -1 }, ...answer.partitions]) {
          throwFailure("Produce", \`topic \${name}\`, one);
        }`,
    }],
    by: [`${TESTS}/producer_test.ts`],
  },
  {
    name: "unrelated topic fails the start",
    fault: "topics are asked about that are none of this program's",
    edits: [{
      file: `${KAFKA}/cluster.ts`,
      find: "const request = { topics: names, rights };",
      replace: 'const request = { topics: [...names, "unrelated"], rights };',
    }],
    by: [`${TESTS}/cluster_test.ts`],
  },
  {
    name: "dead bootstrap broker",
    fault: "of several brokers only the first one is asked",
    edits: [{
      file: `${KAFKA}/open_first.ts`,
      find: 'if (kind === "outage") next(error);',
      replace: "if (kind === undefined) next(error);",
    }],
    by: [`${TESTS}/lane_test.ts`],
  },
  {
    name: "leader that moved",
    fault: "records go to a broker that no longer leads",
    edits: [{
      file: `${KAFKA}/producer.ts`,
      find: 'if (refreshes === "metadata") this.#parts.cluster.forgetTopic(topic);',
      replace: "",
    }],
    by: [`${TESTS}/producer_test.ts`],
  },
  {
    name: "one address of a name",
    fault: "the address of a name that takes connections and says nothing is tried for ever",
    edits: [{
      file: `${KAFKA}/lane.ts`,
      find: "firstAddresses.get(key) ?? 0 : before + 1;",
      replace: "firstAddresses.get(key) ?? 0 : before;",
    }],
    by: [`${TESTS}/lane_addresses_test.ts`],
  },
  {
    name: "one partition after the other",
    fault: "the records of a partition wait for all that another one holds",
    edits: [{
      file: `${KAFKA}/leader_feed.ts`,
      find: "for (const item of byTurns(taken)) await this.#deliver(item, pace);",
      replace: "for (const { item } of taken) await this.#deliver(item, pace);",
    }],
    by: [`${TESTS}/group/turns_test.ts`],
  },
  {
    name: "no room is no records",
    fault: "a starting server leaves out partitions that an answer had no room for",
    edits: [{
      file: `${KAFKA}/leader_feed.ts`,
      find: "onAnswer(empty.map(",
      replace: "onAnswer(taken.map(",
    }],
    by: [`${TESTS}/tail_test.ts`],
  },
  {
    name: "calls that ended are sent",
    fault: "after an outage, requests go first that nobody waits for any more",
    edits: [{
      file: "src/transport/batcher.ts",
      find: "if (signal?.aborted) waiting.reject(signal.reason);",
      replace: "if (signal === null) waiting.reject(signal);",
    }],
    by: ["tests/simulator/frozen_broker_test.ts"],
  },
  {
    name: "session without renewal",
    fault: "no connection is opened before the authentication ends",
    edits: [{
      file: `${KAFKA}/broker_link.ts`,
      find: "this.#sessionShare >= RENEW_AT || this.isOutdated",
      replace: "this.isOutdated",
    }],
    by: [`${TESTS}/lane_sessions_test.ts`],
  },
  {
    name: "session without end",
    fault: "requests are sent after the end of the authentication",
    edits: [{
      file: `${KAFKA}/broker_link.ts`,
      find: "return this.#connection.isOpen && this.#sessionShare < EXPIRED_AT;",
      replace: "return this.#connection.isOpen;",
    }],
    by: { firstSeed: 1 },
  },
  {
    name: "throttle ignored",
    fault: "requests are sent while a quota holds them back",
    edits: [{
      file: `${KAFKA}/broker_link.ts`,
      find: "if (throttleMs <= 0) return;",
      replace: "if (throttleMs < Infinity) return;",
    }],
    by: { firstSeed: 1 },
  },
  {
    name: "silence for ever",
    fault: "a connection without a byte is waited for",
    edits: [{
      file: `${KAFKA}/broker_link.ts`,
      find: "if (now - quietSince < watch.ms) return look(stepMs());",
      replace: "if (now - quietSince < Infinity) return look(stepMs());",
    }],
    by: { firstSeed: 1 },
  },
  {
    name: "limit that does not grow",
    fault: "answers that come late are never had",
    edits: [{
      file: `${KAFKA}/patience.ts`,
      find: "this.#limitMs = Math.max(this.#limitMs, Math.min(2 * limitMs, this.#maxMs));",
      replace: "void limitMs;",
    }],
    by: [`${TESTS}/lane_test.ts`],
  },
  {
    name: "presence by the classic protocol alone",
    fault: "servers in a group of KIP-848 are not seen",
    edits: [{
      file: `${KAFKA}/presence.ts`,
      find:
        'if (classic || await this.#describe("ConsumerGroupDescribe", group, signal)) return true;',
      replace: "if (classic) return true;",
    }],
    by: [`${TESTS}/presence_test.ts`],
  },
  {
    name: "presence by groups alone",
    fault: "servers that choose their partitions themselves are not seen",
    edits: [{
      file: `${KAFKA}/presence.ts`,
      find: "return await this.#moves(asked, signal);",
      replace: "return false;",
    }],
    by: [`${TESTS}/presence_test.ts`],
  },
  {
    name: "right not named",
    fault: "nothing says which right is missing",
    edits: [{
      file: `${KAFKA}/errors.ts`,
      find: 'const may = rpc === "permission_denied"',
      replace: 'const may = rpc === "internal"',
    }],
    by: [`${TESTS}/errors_test.ts`],
  },
  {
    name: "reading without the right",
    fault: "a client that may not read its replies connects",
    edits: [{
      file: `${KAFKA}/reader.ts`,
      find: 'for (const item of answer.partitions) throwFailure("Fetch", name, item);',
      replace: "",
    }],
    by: [`${TESTS}/reader_test.ts`],
  },
  {
    name: "record refused for good",
    fault: "what no time heals is sent again and again",
    edits: [{
      file: `${KAFKA}/error_codes.ts`,
      find: '87: ["INVALID_RECORD", {\n    ...REFUSED,',
      replace: '87: ["INVALID_RECORD", {\n    kind: "outage",',
    }],
    by: [`${TESTS}/errors_test.ts`],
  },
];
