/**
 * Cures of records, whatever their bytes.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const BATCHES = "src/transport/kafka/batches";
const TESTS = "tests/transport/kafka/batches";

/** Noticed by the decoder's tests, or by the simulator. */
export const RECORD_MUTANTS: readonly Mutant[] = [
  {
    name: "unreadable batch ends the reading",
    fault: "one record that cannot be read, and every server is gone until it is",
    edits: [{
      file: `${BATCHES}/decode.ts`,
      find: "if (!(error instanceof UnreadableBatch)) throw error;",
      replace: "throw error;",
    }],
    by: { firstSeed: 1 },
  },
  {
    name: "codec not passed",
    fault: "a codec that is not known is no fault of its batch",
    edits: [{
      file: `${BATCHES}/unpack.ts`,
      find:
        "if (steps === undefined) throw new UnreadableBatch(`its codec (${codec}) is not known`);",
      replace: 'if (steps === undefined) throw new Error("no codec");',
    }],
    by: [`${TESTS}/unreadable_test.ts`],
  },
  {
    name: "record count unchecked",
    fault: "a batch that names 100 000 000 records is begun",
    edits: [{
      file: `${BATCHES}/decode.ts`,
      find: "if (count < 0 || codec === 0 && count * LEAST_RECORD_BYTES > left) {",
      replace: "if (count < 0) {",
    }],
    by: [`${TESTS}/unreadable_test.ts`],
  },
  {
    name: "checksum unchecked",
    fault: "bytes that were changed on their way are delivered",
    edits: [{
      file: `${BATCHES}/decode.ts`,
      find: "if (named !== computed) {",
      replace: "if (named === -computed) {",
    }],
    by: [`${TESTS}/unreadable_test.ts`],
  },
  {
    name: "unpack limit removed",
    fault: "600 kB that unpack to 600 MB are unpacked",
    edits: [{
      file: `${BATCHES}/batch.ts`,
      find: "if (this.#left < 0) throw tooLarge(this.#maxBytes);",
      replace: "",
    }],
    by: [`${TESTS}/codecs_test.ts`],
  },
  {
    name: "headers without a limit",
    fault: "a record of a million headers is read as one",
    edits: [{
      file: `${BATCHES}/record_reader.ts`,
      find: "if (count > MAX_HEADERS) {",
      replace: "if (count > Infinity) {",
    }],
    by: [`${TESTS}/unreadable_test.ts`],
  },
  {
    name: "decoding without pauses",
    fault: "the event loop stands while a large batch is read",
    edits: [{
      file: `${BATCHES}/pace.ts`,
      find: "return clock.now() - this.#since >= STRETCH_MS;",
      replace: "return false;",
    }],
    by: [`${TESTS}/pace_test.ts`],
  },
  {
    name: "control batches as records",
    fault: "the end of a transaction is taken for a request",
    edits: [{
      file: `${BATCHES}/decode.ts`,
      find: "if (batch.control) return",
      replace: "if (batch.control && batch.count < 0) return",
    }],
    by: [`${TESTS}/decode_test.ts`],
  },
  {
    name: "deadline by log-append time",
    fault: "a broker's clock that is ahead ends every call at once",
    edits: [{
      file: "src/server/deadline.ts",
      find: 'timestampType === "LogAppendTime" ? 0 : Math.max(0, sent - now);',
      replace: "Math.max(0, sent - now);",
    }],
    by: ["tests/server/deadline_test.ts"],
  },
  {
    name: "fetch size does not shrink",
    fault: "on a slow line the same large answer is fetched for ever",
    edits: [{
      file: "src/transport/kafka/fetch_size.ts",
      find: "this.#bytes = Math.max(this.#bytes / 2, LEAST_BYTES);",
      replace: "",
    }],
    by: ["tests/transport/kafka/fetch_size_test.ts"],
  },
];
