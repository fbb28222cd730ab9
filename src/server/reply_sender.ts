// Replies and their way to the cluster.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import type { ProduceOptions, ProduceRetries } from "../transport/produce_retries.ts";
import type { Transport } from "../transport/transport.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import { quote } from "../wire/headers.ts";
import type { Outcome } from "../wire/outcome.ts";
import { type ReplyAddress, writeReply } from "../wire/reply.ts";
import type { Request } from "../wire/request.ts";
import type { LogPlace } from "./incoming_call.ts";

/** Minimum interval between two lines about lost replies: an outage costs many at once. */
const LOST_INTERVAL_MS = 30_000;

export interface ReplySenderOptions {
  readonly sending: Pick<ProduceRetries, "produce">;
  readonly transport: Pick<Transport, "partitionsOf">;
  /** Topic of replies whose request names none. */
  readonly resultsTopic: string;
  /** The only topics that a request may name. */
  readonly replyTopics: ReadonlySet<string>;
  /** Id of this server. */
  readonly server: string;
  readonly sendStacks: boolean;
  readonly logger: Logger;
  /** Ends the retries. */
  readonly signal: AbortSignal;
  /** Whether a reply that no broker took may be sent again: asked each time, with the place of its request. */
  readonly mayWait: (place: LogPlace) => boolean;
}

/** How a reply is sent. */
export interface SendOptions {
  /** Unix milliseconds until which it is sent again. */
  readonly until: number;
  readonly receipt?: string | undefined;
  /** Place of its request; undefined where that makes no difference. */
  readonly place?: LogPlace | undefined;
}

/** The sending of one reply: an object without a closure, of each that is on its way. */
class Sending implements ProduceOptions {
  readonly until: number;
  readonly signal: AbortSignal;
  readonly #place: LogPlace | undefined;
  readonly #mayWait: ReplySenderOptions["mayWait"];

  constructor({ until, place }: SendOptions, { signal, mayWait }: ReplySenderOptions) {
    this.until = until;
    this.signal = signal;
    this.#place = place;
    this.#mayWait = mayWait;
  }

  onRetry(error: unknown): void {
    if (this.#place !== undefined && !this.#mayWait(this.#place)) throw error;
  }
}

/** An address, or why the one that was asked for can't be used. */
export interface Addressed {
  readonly address: ReplyAddress;
  readonly refused?: Outcome;
}

/** Where the reply to one request goes. No spread: that would make two objects, of each call in flight. */
export function replyToOf(
  { topic, partition, key, id, trace }: ReplyAddress,
  { digest, idempotencyKey, request }: Omit<ReplyAddress, "topic" | "key">,
): ReplyAddress {
  return { topic, partition, key, id, trace, digest, idempotencyKey, request };
}

/** Sends replies, again until they are acknowledged or too late. */
export class ReplySender implements Disposable {
  readonly #options: ReplySenderOptions;
  readonly #lost: LogThrottle;
  readonly #partitions = new Map<string, number>();

  constructor(options: ReplySenderOptions) {
    this.#options = options;
    this.#lost = new LogThrottle(options.logger, { intervalMs: LOST_INTERVAL_MS, level: "error" });
  }

  [Symbol.dispose](): void {
    this.#lost.close();
  }

  /**
   * Where the reply to a request goes. A request for a place that it may not have is refused, on the
   * results topic.
   */
  address(
    request: Pick<Request, "id" | "trace" | "replyTopic" | "replyPartition">,
    key: Uint8Array | null,
  ): Addressed | Promise<Addressed> {
    const { resultsTopic, replyTopics } = this.#options;
    const {
      id,
      trace,
      replyTopic: topic = resultsTopic,
      replyPartition: partition,
    } = request;
    if (!replyTopics.has(topic)) {
      const refused = failedOutcome(
        "permission_denied",
        `Cannot reply on the topic ${quote(topic)}: this server replies on ` +
          `${[...replyTopics].join(", ")} only. Use that \`resultsTopic\`, or add it to ` +
          "`replyTopics` of the server.",
      );
      return { address: { topic: resultsTopic, key, id, trace }, refused };
    }
    const address = { topic, partition, key, id, trace };
    if (partition === undefined || partition < (this.#partitions.get(topic) ?? 0)) {
      return { address };
    }
    return this.#exists(topic, partition).then((exists) => {
      if (exists) return { address };
      const text = `Cannot reply on ${topic}[${partition}]: there is no such partition.`;
      const refused = failedOutcome("invalid_argument", text);
      return { address: { topic, key, id, trace }, refused };
    });
  }

  /** The library drops a record for a partition that it does not know, without an error. */
  async #exists(topic: string, partition: number): Promise<boolean> {
    // Partitions may have been added since the last look.
    try {
      const count = await this.#options.transport.partitionsOf(topic);
      this.#partitions.set(topic, count);
      return partition < count;
    } catch (error) {
      // A request must not be lost because the brokers are away for a moment.
      this.#options.logger.debug("partitions cannot be counted", { topic, error });
      return true;
    }
  }

  /** Sends a reply as it is; rejects where the cluster does not take it. */
  sendFrame(
    address: ReplyAddress,
    outcome: Outcome,
    options: SendOptions,
  ): Promise<void> {
    const { sending, server, sendStacks } = this.#options;
    const { receipt } = options;
    const reply = writeReply(address, outcome, { server, sendStack: sendStacks, receipt });
    return sending.produce(reply, new Sending(options, this.#options));
  }

  /** Sends a reply until so many Unix milliseconds; says whether the cluster has it. */
  send(
    address: ReplyAddress,
    outcome: Outcome,
    options: SendOptions,
  ): Promise<boolean> {
    const { id, topic } = address;
    return this.sendFrame(address, outcome, options).then(() => true, (error) => {
      const code = error instanceof RpcError ? error.code : "unavailable";
      // The topic takes less than `limits.resultBytes`: the caller must hear of it.
      if (code === "resource_exhausted" && outcome.ok) {
        return this.send(address, failedOutcome(code, (error as RpcError).message), options);
      }
      this.#lost.log("a reply is lost", { id, topic, error });
      return false;
    });
  }
}
