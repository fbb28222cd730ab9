/**
 * Brokers, a network and a clock of one simulation.
 *
 * @module
 */
import { useClock } from "../../src/async/clock.ts";
import { Cluster } from "../../src/transport/kafka/cluster.ts";
import { Patience } from "../../src/transport/kafka/patience.ts";
import type { Api } from "../../src/transport/kafka/port.ts";
import { KafkaTransport } from "../../src/transport/kafka/kafka_transport.ts";
import type { LogFields, Logger, LogLevel } from "../../src/logging/logger.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { LogThrottle } from "../../src/logging/log_throttle.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { SimulatedCluster } from "./cluster.ts";
import { type Mishap, SimulatedNetwork } from "./network.ts";
import { type Program, VirtualClock } from "./virtual_clock.ts";

/** What a program says that is no member any more, or whose work another one may do again. */
const LOST = /went on without|outlast a rebalance|there is no membership just now/;

/** A world of its own, for as long as it is not disposed of. */
export class World implements Disposable {
  readonly clock: VirtualClock;
  readonly cluster: SimulatedCluster;
  readonly network: SimulatedNetwork;
  readonly logger: RecordingLogger = new RecordingLogger();
  /** What happened, a line each. */
  readonly events: string[] = [];
  /** Programs that their group went on without, or that could not finish before a rebalance. */
  readonly lost: { readonly name: string; readonly at: number }[] = [];
  /** Called when a server ends that could not leave its group. */
  readonly onAbsent: Set<() => void> = new Set();
  /** What no client may do, and one did. */
  readonly breaches: string[] = [];
  /** Called with each request that a mishap met. */
  readonly onMishap: Set<(mishap: Mishap, api: Api) => void> = new Set();
  readonly #clock: Disposable;

  /**
   * Creates a world in which nothing happens yet.
   *
   * @param seed What decides chance.
   * @param brokers How many brokers it has.
   */
  constructor(seed: number, brokers = 3) {
    this.clock = new VirtualClock(seed);
    this.#clock = useClock(this.clock);
    this.cluster = new SimulatedCluster(brokers);
    const { clock, cluster } = this;
    this.network = new SimulatedNetwork({
      clock,
      cluster,
      onMishap: (mishap, api) => {
        this.note(`${mishap} ${api}`);
        for (const listener of this.onMishap) listener(mishap, api);
      },
      onBreach: (what) => void this.breaches.push(`${what} at ${clock.now().toFixed(3)}`),
    });
  }

  /** A program's view of the cluster. */
  program(patience: Patience = new Patience(1_250, 10_000)): Cluster {
    return new Cluster({
      protocol: this.network,
      bootstrap: this.cluster.brokers,
      patience,
      throttles: new LogThrottle(this.logger, { intervalMs: 30_000 }),
      open: { clientId: "simulated", background: false },
    });
  }

  /** Begins a program. */
  begin(name: string): Program {
    return { name, isDead: false, stoppedUntil: 0, wallOffset: 0 };
  }

  /** The transport of a program, with connections of its own. */
  transport(program: Program): Transport {
    const brokers = this.cluster.brokers.map(({ host, port }) => `${host}:${port}`);
    const options = { brokers, logger: this.log(program) };
    return new KafkaTransport(options, { background: false, protocol: this.network });
  }

  /** Notes what happens. */
  note(event: string): void {
    this.events.push(`${this.clock.now().toFixed(3)} ${event}`);
  }

  /** A logger that notes the lines of a program. */
  log({ name }: Program): Logger {
    const to = (level: LogLevel) => (message: string, { error }: LogFields = {}) => {
      this.note(`${name} ${level} ${message}${error === undefined ? "" : `: ${error}`}`);
      const isLost = LOST.test(`${message}: ${error}`);
      if (isLost) this.lost.push({ name, at: this.clock.now() });
      if (message.includes("not be left in order")) { for (const on of this.onAbsent) on(); }
    };
    return { debug: to("debug"), info: to("info"), warn: to("warn"), error: to("error") };
  }

  /**
   * Lets time pass until work is done.
   *
   * @param work What is waited for.
   * @param withinMs Most milliseconds of the world's time.
   * @returns What it gives.
   */
  async run<T>(work: Promise<T>, withinMs = 60_000): Promise<T> {
    let isDone = false;
    const done = () => void (isDone = true);
    work.then(done, done);
    await this.until(() => isDone, withinMs);
    return await work;
  }

  /**
   * Lets time pass until something is so.
   *
   * @param isSo Whether it is so.
   * @param withinMs Most milliseconds of the world's time.
   */
  async until(isSo: () => boolean, withinMs = 20_000): Promise<void> {
    if (await this.clock.until(isSo, this.clock.now() + withinMs)) return;
    throw new Error(`not within ${withinMs} simulated ms`);
  }

  [Symbol.dispose](): void {
    this.#clock[Symbol.dispose]();
  }
}
