/**
 * What a fault is.
 *
 * @module
 */
import type { Clients } from "./clients.ts";
import type { Incidents } from "./incidents.ts";
import type { Servers } from "./servers.ts";
import type { World } from "./world.ts";

/** What a fault has to work with. */
export interface Stage {
  readonly world: World;
  readonly servers: Servers;
  readonly clients: Clients;
  readonly incidents: Incidents;
}

/** A kind of fault. */
export interface Fault {
  readonly name: string;
  /** Longest time that it lasts. */
  readonly mostMs: number;
  /** Strikes; gives what ends it. */
  readonly strike: (stage: Stage, forMs: number) => () => void | Promise<unknown>;
}

/** One of several, by chance. */
export function pick<T>(world: World, from: readonly T[]): T {
  return from[Math.floor(world.clock.random() * from.length)]!;
}
