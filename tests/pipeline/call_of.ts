// A call for the tests of pipelines.
import type { Call } from "../../src/pipeline/call.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import type { Outcome } from "../../src/wire/outcome.ts";

/** A call of `add`, but for what is given. */
export function callOf(parts: Partial<Call> = {}): Call {
  return {
    id: "1",
    command: "add",
    input: { bytes: new Uint8Array(), contentType: "application/json" },
    metadata: {},
    trace: undefined,
    attempt: 1,
    deadline: 1_000,
    signal: new AbortController().signal,
    ...parts,
  };
}

const codec = codecsWith();

/** The outcome of a command that gave this result. */
export const ok = (result: unknown): Outcome => ({ ok: true, output: codec.encode(result) });

/** An outcome with that text as its bytes. */
export function outcomeOf(text: string): Outcome {
  return {
    ok: true,
    output: { bytes: new TextEncoder().encode(text), contentType: "text/plain" },
  };
}
