/**
 * A row of the fault matrix, and what it has to work with.
 *
 * @module
 */
import type { Client, ConnectOptions, ServeOptions } from "@kafka-rpc/deno";
import type { Child, ChildOptions } from "./child.ts";
import type { RecordingLogger } from "../recording_logger.ts";
import type { Load, LoadOptions, Outcome } from "./load.ts";
import type { Execution } from "./work.ts";

/** After a fault has ended, calls succeed again within this time. */
export const RECOVERED_WITHIN_MS = 2_000;
/** One row of the matrix. */
export interface Row {
  /** What is printed in front of the figures. */
  readonly name: string;
  /** Bootstrap brokers. */
  readonly brokers: readonly string[];
  /** Breaks something, and mends it; it calls `scene.healed()` where that is not its end. */
  readonly fault: (scene: Scene) => Promise<void>;
  /** How the calls are made. Default: 60 a second with 20 s each. */
  readonly load?: Partial<LoadOptions>;
  /** Fewest calls. Default: 300. */
  readonly calls?: number;
  /** Servers at the start. Default: 1. */
  readonly servers?: number;
  /** Partitions of the topics. Default: 4. */
  readonly partitions?: number;
  /** Options of the servers. */
  readonly serve?: ServeOptions;
  /** Options of the client. */
  readonly connect?: ConnectOptions;
  /** Comes before client and servers start. */
  readonly before?: () => Promise<void>;
  /** Goes on while client and servers start. */
  readonly atStart?: () => Promise<void>;
  /** Whether servers say when a command begins. */
  readonly tells?: boolean;
  /** Most executions beyond one per call. Default: 0. */
  readonly extra?: number;
  /** Excuses a failed call that could have been answered. */
  readonly excuses?: (outcome: Outcome, scene: Scene) => boolean;
  /** Whether topics are made before the servers start. Default: true. */
  readonly prepared?: boolean;
  /** Whether the lag must be 0 in the end. Default: true. */
  readonly lag?: boolean;
  /** What a line of each side's log must name, and no more than a line or two. Default: no matter. */
  readonly logs?: { readonly client?: RegExp; readonly server?: RegExp };
  /** Looks at the executions; gives what is wrong with them. */
  readonly examine?: (scene: Scene, ran: readonly Execution[]) => string[];
  /** Megabytes of resident memory that it may leave. Default: 100. */
  readonly leavesMb?: number;
  /** Milliseconds for the recovery. Default: {@linkcode RECOVERED_WITHIN_MS}. */
  readonly recoverWithinMs?: number;
}

/** What a fault has to work with. */
export class Scene {
  /** The client under test. */
  readonly client: Client;
  /** Its calls. */
  readonly load: Load;
  /** Its log. */
  readonly clientLog: RecordingLogger;
  /** The topic of the commands. */
  readonly topic: string;
  /** Bootstrap brokers. */
  readonly brokers: readonly string[];
  /** Servers that run, and such that have ended. */
  readonly servers: Child[] = [];
  /** What the row wants to say besides its figures. */
  readonly notes: string[] = [];
  /** Promises that were not kept, as the row itself sees it. */
  readonly faults: string[] = [];
  /** When the fault began and ended, as `performance.now()`. */
  readonly times: { begun: number; healed: number } = { begun: Infinity, healed: Infinity };
  readonly #start: (options?: ChildOptions) => Child;

  /** Sets the scene. */
  constructor(
    client: Client,
    load: Load,
    place: {
      clientLog: RecordingLogger;
      topic: string;
      brokers: readonly string[];
      start: (options?: ChildOptions) => Child;
    },
  ) {
    this.client = client;
    this.load = load;
    this.clientLog = place.clientLog;
    this.topic = place.topic;
    this.brokers = place.brokers;
    this.#start = place.start;
  }

  /** Starts one more server; `said("ready")` tells when it has its partitions. */
  startServer(options?: ChildOptions): Child {
    const server = this.#start(options);
    this.servers.push(server);
    return server;
  }

  /** The fault is over: from here on, calls must be answered again. */
  healed(): void {
    this.times.healed = performance.now();
  }
}
