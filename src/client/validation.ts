// Inputs against the contract of a client, before anything is sent.
import { withDeadline } from "../async/deadline.ts";
import { linkSignals } from "../async/linked_signal.ts";
import type { CommandContract, Contract } from "../contract/contract.ts";
import type { AnySchema } from "../contract/standard_schema.ts";
import { invalidInput, validate, type Verdict } from "../contract/validate.ts";
import { RpcError } from "../wire/errors.ts";
import { abandoned, type About } from "./call_errors.ts";
import { msLeft, type OutgoingCall } from "./outgoing_call.ts";

/** What a table of contracts says of a command. */
export function contractOf(contract: Contract, command: string): CommandContract | undefined {
  return Object.hasOwn(contract, command) ? contract[command] : undefined;
}

/**
 * Throws `invalid_argument` where the schema refuses the input. The input is sent as it is: what the
 * schema makes of it is made by the server. A promise where the schema needs one; it ends with the
 * call, or when `closing`, that of the client, aborts.
 */
export function checkInput(
  schema: AnySchema,
  input: unknown,
  call: OutgoingCall,
  closing: AbortSignal,
): void | Promise<void> {
  const { command, id } = call;
  const about = { command, id };
  const pending = guarded(about, () => validate(schema, input));
  if (!(pending instanceof Promise)) return judge(about, pending);
  const failing = pending.catch((error) => {
    throw broken(about, error);
  });
  return inTime(call, failing, closing).then((verdict) => judge(about, verdict));
}

function judge(about: About, { issues }: Verdict): void {
  if (issues === undefined) return;
  throw invalidInput(`call "${about.command}"`, issues, { ...about, stage: "request" });
}

async function inTime(
  call: OutgoingCall,
  work: Promise<Verdict>,
  closing: AbortSignal,
): Promise<Verdict> {
  const { command, id, caller, timeoutMs } = call;
  using ends = linkSignals(caller, closing);
  const late = () => {
    const text = `Cannot call "${command}": the schema of its input took longer than the ` +
      `${timeoutMs} ms of the call. Raise \`timeoutMs\`, or make the schema faster.`;
    return new RpcError("deadline_exceeded", text, { command, id, stage: "request" });
  };
  try {
    return await withDeadline(work, { timeoutMs: msLeft(call), signal: ends.signal }, late);
  } catch (error) {
    if (!caller?.aborted && closing.aborted) throw abandoned({ command, id }, "request");
    throw error;
  }
}

function guarded<T>(about: About, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw broken(about, error);
  }
}

/** A schema that throws is a mistake of this program. */
function broken(about: About, cause: unknown): RpcError {
  const text = `Cannot call "${about.command}": the schema of its input failed. Its error is the ` +
    "cause of this one.";
  return new RpcError("internal", text, { ...about, stage: "request", cause });
}
