/**
 * Cures of what arrives on a socket: answers and logins.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const KAFKA = "src/transport/kafka";
const TESTS = "tests/transport/kafka";

/** Each is noticed below the port. */
export const SOCKET_MUTANTS: readonly Mutant[] = [
  {
    name: "half answer kept",
    fault: "the rest of an answer is looked for on the next socket",
    edits: [{
      file: `${KAFKA}/framed_socket.ts`,
      find: "this.#frames = new FrameCollector(maxAnswerBytes);",
      replace: `this.#frames = (globalThis as unknown as { frames: FrameCollector }).frames ??=
      new FrameCollector(maxAnswerBytes);`,
    }],
    by: [`${TESTS}/framed_socket_test.ts`],
  },
  {
    name: "zero-length answer",
    fault: "an answer of no bytes is believed",
    edits: [{
      file: `${KAFKA}/frame_collector.ts`,
      find: "if (length >= MIN_FRAME_BYTES && length <= this.#maxBytes) return length;",
      replace: "if (length >= 0 && length <= this.#maxBytes) return Math.max(length, 1);",
    }],
    by: [`${TESTS}/frame_collector_test.ts`],
  },
  {
    name: "length of 2 GB",
    fault: "whatever length an answer names is waited for",
    edits: [{
      file: `${KAFKA}/frame_collector.ts`,
      find: "if (length >= MIN_FRAME_BYTES && length <= this.#maxBytes) return length;",
      replace: "if (length >= MIN_FRAME_BYTES) return length;",
    }],
    by: [`${TESTS}/frame_collector_test.ts`],
  },
  {
    name: "array count believed",
    fault: "a list is read for as many items as it names",
    edits: [{
      file: `${KAFKA}/bounded_reader.ts`,
      find: "if (count >= 0 && count <= left) return count;",
      replace: "if (count <= 2 ** 31) return count;",
    }],
    by: [`${TESTS}/answers_test.ts`],
  },
  {
    name: "READ_COMMITTED in Fetch",
    fault: "an open transaction of others holds requests back",
    edits: [{
      file: `${KAFKA}/kafkajs/requests.ts`,
      find: "const isolationLevel = READ_UNCOMMITTED;",
      replace: "const isolationLevel = 1;",
    }],
    by: [`${TESTS}/kafkajs_private_test.ts`],
  },
  {
    name: "READ_COMMITTED in ListOffsets",
    fault: "the latest offset stands before an open transaction of others",
    edits: [{
      file: `${KAFKA}/kafkajs/requests.ts`,
      find: "{ isolationLevel: READ_UNCOMMITTED, topics }",
      replace: "{ isolationLevel: 1, topics }",
    }],
    by: [`${TESTS}/kafkajs_private_test.ts`],
  },
  {
    name: "cut login is a refusal",
    fault: "a broker that restarts inside a login is a wrong password",
    edits: [{
      file: `${KAFKA}/login.ts`,
      find: `if (!socket.isOpen) throw await socket.ended;
    throw conversation.failed(error);`,
      replace: 'throw new ConnectionFailed("authentication", String(error));',
    }],
    by: [`${TESTS}/sasl_test.ts`],
  },
  {
    name: "token provider unbounded",
    fault: "a provider of tokens that hangs outlives the opening",
    edits: [{
      file: `${KAFKA}/login.ts`,
      find: `socket.ended.then((reason) => {
        throw reason;
      }),`,
      replace: "new Promise<never>(() => {}),",
    }],
    by: [`${TESTS}/sasl_test.ts`],
  },
  {
    name: "refused token is a login",
    fault: "a token that the broker refuses counts as accepted",
    edits: [{
      file: `${KAFKA}/login.ts`,
      find: "if (answer.length === 0) return;",
      replace: "return;",
    }],
    by: [`${TESTS}/sasl_test.ts`],
  },
  {
    name: "shared sasl object",
    fault: "what the library writes comes into the caller's object",
    edits: [{
      file: "src/options/shape.ts",
      find: "return copy as Options;",
      replace: "return value as Options;",
    }],
    by: ["tests/transport/security_options_test.ts"],
  },
];
