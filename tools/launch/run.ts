/**
 * What one run of a task holds.
 *
 * @module
 */
import type { Broker } from "../local_broker.ts";
import type { Log } from "../kafka/log.ts";
import type { ChildOptions } from "./child.ts";
import type { Registry } from "./registry.ts";

/** Handed to every task. */
export interface Run {
  /** What followed the task's name. */
  args: string[];
  /** Where modules come from. */
  registry: Registry;
  /** The broker, where the task asked for one and there is one. */
  broker: Broker | undefined;
  /** Lines about what is going on. */
  log: Log;
  /** How to run the task's children. */
  child: Pick<ChildOptions, "env" | "signal" | "onStart" | "yieldsBy">;
}
