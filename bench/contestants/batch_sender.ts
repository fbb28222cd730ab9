/**
 * Records that come while a batch is sent make the next batch: as few requests as possible, and no
 * waiting for more.
 *
 * @module
 */

/** Sends at most so many batches at a time. */
const MAX_IN_FLIGHT = 5;
/** A topic takes 1 048 588 bytes at once by default (`max.message.bytes`). */
const MAX_BATCH_BYTES = 1_000_000;
/** What the key and the lengths of a record may take beside its value. */
const RECORD_BYTES = 100;

interface Batch<Message> {
  readonly messages: Message[];
  bytes: number;
  readonly sent: PromiseWithResolvers<void>;
}

/** Gathers records into batches. */
export class BatchSender<Message extends { readonly value: Uint8Array }> {
  readonly #send: (messages: Message[]) => Promise<unknown>;
  readonly #waiting: Batch<Message>[] = [];
  #inFlight = 0;
  #scheduled = false;

  /** Takes what sends a batch. */
  constructor(send: (messages: Message[]) => Promise<unknown>) {
    this.#send = send;
  }

  /** Adds a record; settles as its batch does. */
  add(message: Message): Promise<void> {
    const bytes = message.value.byteLength + RECORD_BYTES;
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.bytes + bytes > MAX_BATCH_BYTES) {
      batch = { messages: [], bytes: 0, sent: Promise.withResolvers() };
      this.#waiting.push(batch);
    }
    batch.messages.push(message);
    batch.bytes += bytes;
    if (!this.#scheduled) {
      this.#scheduled = true;
      // What is sent in the same turn goes together.
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
    return batch.sent.promise;
  }

  #flush(): void {
    while (this.#inFlight < MAX_IN_FLIGHT && this.#waiting.length > 0) {
      const { messages, sent } = this.#waiting.shift()!;
      this.#inFlight++;
      this.#send(messages).then(() => sent.resolve(), sent.reject).finally(() => {
        this.#inFlight--;
        this.#flush();
      });
    }
  }
}
