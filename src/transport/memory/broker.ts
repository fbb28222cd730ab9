/**
 * A transport in one process: topics, partitions and consumer groups without a
 * broker, for unit tests of programs that use this package.
 *
 * @example A client and a server in one test
 * ```ts
 * import { connect, serve } from "@kafka-rpc/deno";
 * import { MemoryBroker } from "@kafka-rpc/deno/memory";
 *
 * Deno.test("doubles", async () => {
 *   const broker = new MemoryBroker();
 *   const commands = { double: (n: number) => 2 * n };
 *   await using _server = await serve({ commands, transport: broker.transport() });
 *   await using client = await connect<typeof commands>({ transport: broker.transport() });
 *   if (await client.call("double", 21) !== 42) throw new Error("not 42");
 * });
 * ```
 *
 * @module
 */
import { type MemoryRecord, memoryRecord } from "./record.ts";
import type { MemoryGroup, MemoryPartition } from "./group.ts";
import type { Transport } from "../transport.ts";
import { MemoryLog } from "./log.ts";
import { MemoryTransport } from "./transport.ts";
export type { MemoryGroup, MemoryPartition, MemoryRecord };

/**
 * The log that the transports of one test share. Records stay in memory for as
 * long as the broker does.
 */
export class MemoryBroker {
  readonly #log = new MemoryLog();
  /** Stands for the id of a cluster. */
  readonly id: string = this.#log.id;

  /**
   * Creates a topic that is not there yet.
   *
   * @param topic Its name.
   * @param partitions Its partitions, 1 to 10 000. Default: 1.
   * @throws {RpcError} `invalid_argument` for a name that Kafka would refuse, or a wrong number.
   */
  createTopic(topic: string, partitions = 1): void {
    this.#log.createTopic(topic, partitions);
  }

  /**
   * Gives the partitions of a topic, in order.
   *
   * @param topic Its name.
   * @returns The partitions; each goes on filling.
   * @throws {RpcError} `failed_precondition` where it does not exist.
   */
  partitions(topic: string): readonly MemoryPartition[] {
    return this.#log.partitions(topic);
  }

  /**
   * Says whether a topic exists.
   *
   * @param topic Its name.
   * @returns Whether it was created, by a side or by `createTopic`.
   */
  has(topic: string): boolean {
    return this.#log.has(topic);
  }

  /**
   * Appends a record, as `kcat -P` would.
   *
   * @param given The record, with any key, value and headers.
   * @returns The offset it got.
   * @throws {RpcError} `failed_precondition` where topic or partition does not exist,
   * `invalid_argument` for what is no record.
   */
  append(given: MemoryRecord): bigint {
    return this.#log.place(memoryRecord(given)).offset;
  }

  /**
   * Gives a consumer group on a topic, also before it has a member.
   *
   * @param group Its name.
   * @param topic The topic.
   * @returns What it has committed.
   * @throws {RpcError} `failed_precondition` where the topic does not exist.
   */
  group(group: string, topic: string): MemoryGroup {
    return this.#log.group(group, topic);
  }

  /**
   * Gives a transport on this broker, for `connect` or `serve`.
   *
   * @returns One of its own for each caller, which closes it.
   */
  transport(): Transport {
    return new MemoryTransport(this.#log);
  }
}
