/**
 * Records that come while a batch is sent make the next batch: as few requests as possible, and no
 * waiting for more.
 *
 * @module
 */

/** Sends at most so many batches at a time. */
const MAX_IN_FLIGHT = 5;

/** Gathers records into batches. */
export class BatchSender<Message> {
  readonly #send: (messages: Message[]) => Promise<unknown>;
  #gathered: Message[] = [];
  #sent = Promise.withResolvers<void>();
  #inFlight = 0;
  #scheduled = false;

  /** Takes what sends a batch. */
  constructor(send: (messages: Message[]) => Promise<unknown>) {
    this.#send = send;
  }

  /** Adds a record; settles as its batch does. */
  add(message: Message): Promise<void> {
    this.#gathered.push(message);
    if (!this.#scheduled) {
      this.#scheduled = true;
      // What is sent in the same turn goes together.
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
    return this.#sent.promise;
  }

  #flush(): void {
    if (this.#inFlight === MAX_IN_FLIGHT || this.#gathered.length === 0) return;
    const [batch, sent] = [this.#gathered, this.#sent];
    this.#gathered = [];
    this.#sent = Promise.withResolvers();
    this.#inFlight++;
    this.#send(batch).then(() => sent.resolve(), sent.reject).finally(() => {
      this.#inFlight--;
      this.#flush();
    });
  }
}
