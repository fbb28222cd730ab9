/**
 * Cures of signing: what is signed, who is believed, and what never runs twice.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const TESTS = "tests/signing";

/** Noticed by the tables of attacks. */
export const SIGNING_MUTANTS: readonly Mutant[] = [
  {
    name: "any signature",
    fault: "a signature of the right form is taken for a right one",
    edits: [{
      file: "src/signing/verifier.ts",
      find: "return isRight\n",
      replace: "return isRight || true\n",
    }],
    by: [`${TESTS}/request_attacks_test.ts`, `${TESTS}/reply_attacks_test.ts`],
  },
  {
    name: "headers unsigned",
    fault: "headers that the signer does not know may be added",
    edits: [{
      file: "src/wire/signature.ts",
      find: "=> !UNSIGNED.has(name);",
      replace: "=> !UNSIGNED.has(name) && /^rpc-(command|key|deadline)/.test(name);",
    }],
    by: ["tests/wire/signature_test.ts", `${TESTS}/request_attacks_test.ts`],
  },
  {
    name: "copy in another partition",
    fault: "a copy runs again at the server of another partition",
    edits: [{
      file: "src/server/authentication.ts",
      find: "if (!await partition.has(record)) {",
      replace: "if (!await partition.has(record) && windowMs === 0) {",
    }],
    by: [`${TESTS}/replay_test.ts`],
  },
  {
    name: "forgotten answers",
    fault: "a copy runs again when the answer had to make room in the reply cache",
    edits: [{
      file: "src/server/reply_cache.ts",
      find: 'if (reason === "evict") this.forget(entry);',
      replace: 'if (reason === "evict") void entry;',
    }],
    by: [`${TESTS}/replay_test.ts`],
  },
  {
    name: "planted replies",
    fault: "what anybody wrote to the results topic is repeated, and signed, after a restart",
    edits: [{
      file: "src/server/reply_provenance.ts",
      find: "!await this.#isOfServer(record)) return undefined;",
      replace: "!await this.#isOfServer(record)) void record;",
    }],
    by: [`${TESTS}/replay_test.ts`],
  },
  {
    name: "answers of others",
    fault: "what one principal was answered is given to another one",
    edits: [{
      file: "src/server/origin.ts",
      find: 'if (first.principal !== again.principal) return "another principal";',
      replace: "",
    }, {
      file: "src/server/origin.ts",
      find: "return principal === undefined\n    ?",
      replace: "return principal !== null\n    ?",
    }],
    by: [`${TESTS}/replay_test.ts`],
  },
  {
    name: "refusal of a copy",
    fault: "the refusal of a changed copy ends the call of the original",
    edits: [{
      file: "src/client/signing.ts",
      find: "if (!isNameOf(request, name))",
      replace: "if (!isNameOf(request, name) && name === undefined)",
    }],
    by: [`${TESTS}/request_attacks_test.ts`],
  },
];
