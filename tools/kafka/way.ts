/**
 * A way to run Kafka on this machine: Java or Docker.
 *
 * @module
 */
import type { KeeperPlan } from "../kept_process.ts";
import type { NodePlace } from "./node_settings.ts";

/** A way that works here: a name for the log, and how to run one node of a cluster. */
export interface Way {
  /** What runs Kafka, as a person would say it. */
  name: string;
  /** The commands that run this node among these voters; `jvm` is for a Java of this machine. */
  plan(
    node: NodePlace,
    voters: NodePlace[],
    clusterId: string,
    jvm?: readonly string[],
  ): KeeperPlan;
  /** Whether the last step's process is Kafka itself, so that signals reach it. */
  takesSignals: boolean;
}

/** Runs a command to learn from what it prints; its text, or why there is none. */
export async function askCommand(
  command: string,
  args: string[],
  signal?: AbortSignal | undefined,
): Promise<{ text: string } | { missing: string }> {
  try {
    const output = await new Deno.Command(command, {
      args,
      stdin: "null",
      ...signal && { signal },
    }).output();
    const text = new TextDecoder().decode(output.stdout) +
      new TextDecoder().decode(output.stderr);
    signal?.throwIfAborted();
    if (output.success) return { text };
    return {
      missing: `"${command} ${args.join(" ")}" fails: ${text.trim().split("\n")[0]}`,
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { missing: `there is no "${command}"` };
    }
    throw error;
  }
}
