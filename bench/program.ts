/**
 * How both programs of the bench begin and end.
 *
 * @module
 */
import { Interrupted, onInterruption } from "../tools/launch/interruption.ts";
import { UsageError } from "./options.ts";

/** Runs a program until its end or Ctrl-C, and ends the process with its exit code. */
export async function runProgram(main: (signal: AbortSignal) => Promise<void>): Promise<never> {
  const signal = onInterruption(() => Deno.exit(130));
  try {
    await main(signal);
  } catch (error) {
    if (signal.reason instanceof Interrupted) Deno.exit(signal.reason.exitCode);
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
  Deno.exit(); // the listeners of signals would keep the process alive
}

/** Addresses of the broker that the launcher has found or started. */
export function brokersOfRun(): string[] {
  return (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
}

/** Process ids of its nodes, where the launcher has started it. */
export function brokerPidsOfRun(): number[] {
  const pids = Deno.env.get("KAFKA_RPC_BROKER_PIDS") ?? "";
  return pids.split(",").filter((pid) => pid !== "").map(Number);
}
