// Replies that came while nobody listened, and those that are still to come.
import type { Reading, Transport } from "../transport/transport.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { type ReadReply, readReply } from "../wire/reply.ts";
import { RpcError } from "../wire/errors.ts";
import { unreadable } from "./call_errors.ts";
import type { CallHandle } from "./handles.ts";
import type { Reply } from "./results_stream.ts";
import type { ClientSigning } from "./signing.ts";

/** What is known of the log when a search has come to its end. */
export interface Searched {
  /** Whether records from the handle's offset on are gone: the reply may have been among them. */
  readonly isCut: boolean;
  /** Whether the log ends in front of the handle's offset: it is another one. */
  readonly isOther: boolean;
}

/** A search for the reply to one call. */
export interface Search extends Disposable {
  /** Resolves with the reply, whenever it comes; rejects with `data_loss` where it can't be read. */
  readonly reply: Promise<Reply>;
  /** Resolves when all is read that was there at the start; rejects where nothing can be read. */
  readonly searched: Promise<Searched>;
}

interface Wanted {
  readonly handle: CallHandle;
  readonly reply: PromiseWithResolvers<Reply>;
  readonly searched: PromiseWithResolvers<Searched>;
}

export interface PastRepliesOptions {
  /** Ends what begins. */
  readonly closing: AbortSignal;
  /** Undefined where replies need no signature. */
  readonly signing: Pick<ClientSigning, "isReply"> | undefined;
}

interface PassOptions extends PastRepliesOptions {
  readonly topic: string;
  readonly partition: number;
}

/** Reads partitions of the results topic once more. */
export class PastReplies {
  readonly #transport: Transport;
  readonly #options: PastRepliesOptions;
  /** Those that have not begun to read: calls that are looked for at once share a reading. */
  readonly #gathering = new Map<number, Pass>();

  constructor(transport: Transport, options: PastRepliesOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  search(handle: CallHandle): Search {
    const { resultsTopic: topic, resultsPartition: partition } = handle;
    let pass = this.#gathering.get(partition);
    if (pass === undefined) {
      const begun = pass = new Pass(this.#transport, { topic, partition, ...this.#options });
      this.#gathering.set(partition, begun);
      queueMicrotask(() => {
        this.#gathering.delete(partition);
        void begun.read();
      });
    }
    return pass.want(handle);
  }
}

/** One reading, for all that were looked for when it began. */
class Pass {
  readonly #transport: Transport;
  readonly #options: PassOptions;
  /** By id. Two may look for one call. */
  readonly #wanted = new Map<string, Set<Wanted>>();
  readonly #all = new Set<Wanted>();
  #passed = 0n;
  /** Signatures that are looked at. */
  #checking: Promise<void> = Promise.resolve();
  #reading: Reading | undefined;
  #isOver = false;

  constructor(transport: Transport, options: PassOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  want(handle: CallHandle): Search {
    const wanted: Wanted = {
      handle,
      reply: Promise.withResolvers(),
      searched: Promise.withResolvers(),
    };
    // A search that is given up has nobody to hear of its failure.
    wanted.reply.promise.catch(() => undefined);
    wanted.searched.promise.catch(() => undefined);
    const same = this.#wanted.get(handle.id) ?? new Set();
    this.#wanted.set(handle.id, same.add(wanted));
    this.#all.add(wanted);
    const leave = () => this.#leave(wanted);
    return {
      reply: wanted.reply.promise,
      searched: wanted.searched.promise,
      [Symbol.dispose]: leave,
    };
  }

  async read(): Promise<void> {
    const { topic, partition, closing: signal } = this.#options;
    const offsets = [...this.#all].map(({ handle }) => handle.resultsOffset);
    try {
      const reading = this.#reading = await this.#transport.read({
        topic,
        partition,
        from: BigInt(Math.min(...offsets)),
        signal,
        onRecord: (record) => this.#take(record),
        onPassed: (next) => {
          this.#passed = next;
          this.#look();
        },
      });
      this.#look();
      if (reading.endOffset === undefined) {
        throw new RpcError(
          "failed_precondition",
          "the transport of this client reads no past records",
        );
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const code = error instanceof RpcError ? error.code : "unavailable";
      const text = `Cannot look for the reply: ${reason}`;
      for (const { searched } of this.#all) {
        searched.reject(new RpcError(code, text, { cause: error }));
      }
    }
    if (this.#all.size === 0) await this.#close();
  }

  #take(record: IncomingRecord): void {
    const read = readReply(record);
    for (const wanted of this.#wanted.get(read.id ?? "") ?? []) {
      const isReply = this.#options.signing?.isReply(record, wanted.handle.requestNames) ?? true;
      if (isReply === true) settle(wanted, read);
      else if (isReply !== false) {
        this.#checking = this.#checking.then(async () => {
          if (await isReply) settle(wanted, read);
        });
      }
    }
  }

  #look(): void {
    const { startOffset, endOffset = -1n } = this.#reading ?? { startOffset: 0n };
    if (this.#reading === undefined) return;
    if (startOffset < endOffset && this.#passed < endOffset) return;
    for (const { handle, searched } of this.#all) {
      const from = BigInt(handle.resultsOffset);
      const found = { isCut: startOffset > from, isOther: endOffset < from };
      void this.#checking.then(() => searched.resolve(found));
    }
  }

  #leave(wanted: Wanted): void {
    this.#all.delete(wanted);
    const { id } = wanted.handle;
    const same = this.#wanted.get(id);
    same?.delete(wanted);
    if (same?.size === 0) this.#wanted.delete(id);
    if (this.#all.size === 0) void this.#close();
  }

  async #close(): Promise<void> {
    if (this.#isOver || this.#reading === undefined) return;
    this.#isOver = true;
    await this.#reading.close();
  }
}

function settle({ handle, reply }: Wanted, read: ReadReply): void {
  if (read.kind === "malformed") reply.reject(unreadable(handle.id, read.reason));
  else if ((read.digest ?? handle.digest) === handle.digest) reply.resolve(read);
}
