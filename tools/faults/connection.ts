/**
 * One connection through the fault proxy.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { type Frame, KafkaFrames } from "./frames.ts";
import { type Direction, type Fault, Lane, type LaneRules } from "./lane.ts";
import type { Link } from "./link.ts";
import type { Strike } from "./strikes.ts";

/** What a connection asks of its proxy. */
export interface ConnectionRules {
  /** Where the connection goes. */
  readonly target: { readonly hostname: string; readonly port: number };
  /** Whether bytes are read as Kafka's protocol. */
  readonly kafka: boolean;
  /** The fault of all connections. */
  fault(): Fault;
  /** The line that connections share. */
  readonly link: Link;
  /** What happens to a request or response, if anything. */
  meets(direction: Direction, frame: Frame): Strike | undefined;
  /** Called when nothing is left of it. */
  closed(connection: ProxiedConnection): void;
}

/** One client's connection, and the one to the broker that belongs to it. */
export class ProxiedConnection {
  readonly #rules: ConnectionRules;
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #lanes: readonly Lane[];
  readonly #laneRules: LaneRules;
  #fault: Fault | undefined;
  #clientId = "";
  #lastBytes = Infinity;
  /** Whether one end has closed or said goodbye. */
  #left = false;
  #closed = 0;

  /** Takes a client's connection and opens one to the target. */
  constructor(client: Socket, rules: ConnectionRules) {
    this.#rules = rules;
    this.#client = client;
    const { hostname: host, port } = rules.target;
    this.#broker = connect({ host, port, allowHalfOpen: true });
    this.#laneRules = {
      dead: false,
      fault: () => this.#fault ?? rules.fault(),
      reset: () => this.reset(),
      link: rules.link,
      touch: () => this.#touch(),
      meets: (direction, frame) => {
        this.#clientId = frame.clientId;
        return rules.meets(direction, frame);
      },
    };
    const frames = rules.kafka ? new KafkaFrames() : undefined;
    const [source, sink] = [this.#client, this.#broker];
    this.#lanes = [
      new Lane("request", { source, sink }, this.#laneRules, frames?.requests),
      new Lane("response", { source: sink, sink: source }, this.#laneRules, frames?.responses),
    ];
    for (const [end, other] of [[source, sink], [sink, source]] as const) {
      end.setNoDelay(true);
      let failed = false;
      end.on("error", () => failed = true); // `close` follows, and tells the other end
      end.on("end", () => {
        this.#left = true;
        this.wake();
      });
      end.on("close", () => {
        this.#left = true;
        this.#closed++;
        if (failed && !this.dead) other.resetAndDestroy();
        // It waits for a broker that is suspended, and for which nothing is left to say.
        if (other.connecting) other.destroy();
        this.wake();
        if (this.#closed === 2) this.#end();
      });
    }
  }

  /** Name that the client gave itself, once it is known. */
  get clientId(): string {
    return this.#clientId;
  }

  /** Whether it has lost bytes; it carries nothing any more. */
  get dead(): boolean {
    return this.#laneRules.dead;
  }

  /** A fault of this connection alone, instead of that of all; undefined ends it. */
  setFault(fault: Fault | undefined): void {
    this.#fault = fault;
    this.wake();
  }

  /** Looks at the faults again. */
  wake(): void {
    const { blackHole } = this.#laneRules.fault();
    // A black hole tells nobody anything; what is half closed goes when it ends.
    if (this.dead && !blackHole && this.#left) this.reset();
    for (const lane of this.#lanes) lane.wake();
  }

  /**
   * Closes what one end has left. What it sent before is still on its way: the system delivers it,
   * as it would without a proxy in between.
   */
  abandon(): void {
    if (!this.#left) return;
    this.#client.destroySoon();
    this.#broker.destroySoon();
  }

  /** Resets both ends (RST, not FIN), whatever is in flight. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.#broker.resetAndDestroy();
  }

  #touch(): void {
    const now = performance.now();
    const { idleMs = Infinity } = this.#laneRules.fault();
    if (now - this.#lastBytes >= idleMs) this.#laneRules.dead = true;
    this.#lastBytes = now;
  }

  #end(): void {
    for (const lane of this.#lanes) lane.stop();
    this.#rules.closed(this);
  }
}
