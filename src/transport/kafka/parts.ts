/**
 * What the parts of a transport have in common.
 *
 * @module
 */
import type { Logger } from "../../logging/logger.ts";
import type { Cluster } from "./cluster.ts";

/** What each part of a transport works with. */
export interface TransportParts {
  readonly cluster: Cluster;
  readonly logger: Logger;
  /** Most bytes that a compressed batch may unpack to. Default: 32 MiB. */
  readonly maxUnpackedBytes?: number | undefined;
  /** Ends what starts, and what waits. */
  readonly closing: AbortSignal;
}
