/**
 * Produces batches as they are: the protocol port encodes its own.
 *
 * @see https://kafka.apache.org/protocol#The_Messages_Produce
 * @module
 */
import { concat } from "../written.ts";

/** What a broker says of a batch. */
export interface Produced {
  /** Its partition. */
  readonly partition: number;
  /** 0 where it was accepted. */
  readonly error: number;
  /** Where it begins. */
  readonly baseOffset: bigint;
}

/** A connection that only produces. */
export class RawProducer implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #topic: string;

  private constructor(connection: Deno.TcpConn, topic: string) {
    this.#connection = connection;
    this.#topic = topic;
  }

  /** Connects to the leader of a topic's partitions. */
  static async connect(
    address: { readonly hostname: string; readonly port: number },
    topic: string,
  ): Promise<RawProducer> {
    return new RawProducer(await Deno.connect(address), topic);
  }

  /** Produces a batch to each partition from 0 on. */
  async produce(batches: readonly Uint8Array[]): Promise<Produced[]> {
    const topic = new TextEncoder().encode(this.#topic);
    const request = concat([
      // Produce 7, correlation id 1, no client id; no transaction, all replicas, 30 s; one topic.
      ints([2, 0], [2, 7], [4, 1], [2, -1], [2, -1], [2, -1], [4, 30_000], [4, 1]),
      ints([2, topic.length]),
      topic,
      ints([4, batches.length]),
      ...batches.flatMap((batch, partition) => [ints([4, partition], [4, batch.length]), batch]),
    ]);
    const writer = this.#connection.writable.getWriter();
    await writer.write(concat([ints([4, request.length]), request]));
    writer.releaseLock();
    const size = new DataView((await this.#read(4)).buffer).getInt32(0);
    const answer = new DataView((await this.#read(size)).buffer);
    // Behind the correlation id, the number of topics, the name and the number of partitions.
    const first = 4 + 4 + 2 + topic.length + 4;
    const produced = batches.map((_, index) => {
      const at = first + index * 30;
      const partition = answer.getInt32(at);
      return { partition, error: answer.getInt16(at + 4), baseOffset: answer.getBigInt64(at + 6) };
    });
    // The broker has an order of its own.
    return produced.sort((a, b) => a.partition - b.partition);
  }

  async #read(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const count = await this.#connection.read(bytes.subarray(at));
      if (count === null) throw new Error("Cannot produce: the broker closed the connection.");
      at += count;
    }
    return bytes;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

function ints(...numbers: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(numbers.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of numbers) {
    if (size === 2) view.setInt16(at, value);
    else view.setInt32(at, value);
    at += size;
  }
  return bytes;
}
