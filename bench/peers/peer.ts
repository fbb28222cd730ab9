/**
 * Other ways to call over a broker.
 *
 * @module
 */
import type { Program } from "../lanes/lane.ts";
import type { Place } from "../lanes/start_lanes.ts";

/** One of them, ready to be started. */
export interface PeerLane {
  /** Name of the row, with `stock` or `tuned` where there are both. */
  readonly name: string;
  /** Its linger and acks. */
  readonly settings: string;
  /** Topic of the replies, where it is not `<topic>_results`. */
  readonly repliesTopic?: (topic: string) => string;
  /** The program that both answers and calls. */
  readonly program: (topic: string) => Program;
}

/** What is installed of a peer. */
export interface Installed {
  /** Versions of its parts. */
  readonly versions: Readonly<Record<string, string>>;
  /** What is measured of it. */
  readonly lanes: readonly PeerLane[];
}

/**
 * Installs a peer where that has not been done; rejects with {@linkcode MissingError} where it
 * can't be.
 */
export type Peer = (place: Place) => Promise<Installed>;

/** A peer cannot run here; the text says what is missing. */
export class MissingError extends Error {
  /** Always "MissingError". */
  override name = "MissingError";
}
