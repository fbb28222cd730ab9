// The client's read of the results topic.
import type { Logger } from "../logging/logger.ts";
import { passedCount } from "../transport/passed_records.ts";
import type { Bounds, Reading, Transport } from "../transport/transport.ts";
import { type ReadReply, readReply } from "../wire/reply.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { RpcError } from "../wire/errors.ts";
import type { ClientSigning } from "./signing.ts";
import { PassedReplies } from "./passed_replies.ts";
import { resultsPartition } from "./results_partition.ts";

/** A reply that could be read. */
export type Reply = Extract<ReadReply, { kind: "reply" }>;

export interface ResultsHandler {
  /** Settles the call that waits for a reply; false where there is none. */
  readonly onReply: (reply: Reply) => boolean;
  /** Called when the stream is interrupted (false) and when it goes on (true). */
  readonly onConnected: (connected: boolean) => void;
  /** A record under an id that cannot be read; false where nobody waits for the id. */
  readonly onMalformed: (id: string, reason: string) => boolean;
}

export interface ResultsCounts {
  /** Replies given to a call. */
  replies: number;
  /** Replies that nobody waits for: late, duplicate, or of another client of the partition. */
  unmatched: number;
  /** Records that are no reply. */
  malformed: number;
}

/**
 * Reads one partition of the results topic, outside every consumer group, from
 * its latest offset on. One partition is enough: requests name it.
 */
export class ResultsStream {
  readonly topic: string;
  readonly partition: number;
  readonly counts: Readonly<ResultsCounts>;
  readonly #reading: Reading;
  readonly #passed: PassedReplies;
  readonly #latest: { offset: bigint | undefined };

  private constructor(parts: {
    topic: string;
    partition: number;
    counts: ResultsCounts;
    reading: Reading;
    passed: PassedReplies;
    latest: { offset: bigint | undefined };
  }) {
    this.topic = parts.topic;
    this.partition = parts.partition;
    this.counts = parts.counts;
    this.#reading = parts.reading;
    this.#passed = parts.passed;
    this.#latest = parts.latest;
  }

  /** An offset that all records to come lie behind, or at. */
  get offset(): bigint {
    return this.#latest.offset ?? this.#reading.startOffset;
  }

  /** Resolves once the start offset is known: no reply can be missed after that. */
  static async open(
    transport: Transport,
    options: Bounds & {
      topic: string;
      handler: ResultsHandler;
      /** Undefined where replies need no signature. */
      signing: ClientSigning | undefined;
      logger: Logger;
    },
  ): Promise<ResultsStream> {
    const { topic, handler, signing, logger, signal, timeoutMs } = options;
    const partitions = await transport.partitionsOf(topic, { signal, timeoutMs });
    if (partitions === 0) {
      throw new RpcError(
        "failed_precondition",
        `Cannot read ${topic}: it has no partitions. Create the topic.`,
      );
    }
    const choice = { topic, count: partitions, logger, signal, timeoutMs };
    const partition = await resultsPartition(transport, choice);
    const counts: ResultsCounts = { replies: 0, unmatched: 0, malformed: 0 };
    const latest: { offset: bigint | undefined } = { offset: undefined };
    const passed = new PassedReplies({ topic, partition }, { counts, logger });
    const pass = () => {
      counts.unmatched++;
      passed.look();
    };
    const take = (record: IncomingRecord) => {
      const read = readReply(record);
      if (read.kind === "reply") {
        if (handler.onReply(read)) counts.replies++;
        else pass();
        return;
      }
      counts.malformed++;
      const waited = read.id !== undefined && handler.onMalformed(read.id, read.reason);
      const { offset } = record;
      const { reason } = read;
      const fields = { topic, partition, offset, reason };
      logger[waited ? "warn" : "debug"]("a record of the results topic is no reply", fields);
    };
    const onRecord = signing?.checked({ take, pass }) ?? take;
    const reading = await transport.read({
      topic,
      partition,
      signal,
      timeoutMs,
      onConnected: (connected, error) => {
        if (connected) logger.info("results stream reconnected", { topic, partition });
        else logger.warn("results stream interrupted", { topic, partition, error });
        handler.onConnected(connected);
      },
      onUnreadable: (passed) => void (counts.malformed += passedCount(passed)),
      onRecord: (record) => {
        latest.offset = record.offset;
        onRecord(record);
      },
    });
    logger.debug("results stream open", {
      topic,
      partition,
      fromOffset: reading.startOffset,
    });
    return new ResultsStream({ topic, partition, counts, reading, passed, latest });
  }

  async close(): Promise<void> {
    using _passed = this.#passed;
    await this.#reading.close();
  }
}
