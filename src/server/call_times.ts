// What a server measures of a call whose caller asks for a receipt.
import { clock } from "../async/clock.ts";
import { type ServerReceipt, writeReceipt } from "../wire/receipt.ts";
import type { IncomingCall } from "./incoming_call.ts";

/** How long a call has been here, and how much of that its command ran. */
export class CallTimes {
  readonly #at = clock.wallTime();
  readonly #arrivedAt = clock.now();
  #ranMs = 0;
  #runsSince: number | undefined;

  /** Its command runs from now on. */
  runs(): void {
    this.#runsSince ??= clock.now();
  }

  /** Its command has ended, or waits for its turn in an executor. */
  pauses(): void {
    if (this.#runsSince !== undefined) this.#ranMs += clock.now() - this.#runsSince;
    this.#runsSince = undefined;
  }

  /** The header of the reply that is sent now. */
  header({ attempt, place }: Pick<IncomingCall, "attempt" | "place">): string {
    this.pauses();
    const { topic, partition, offset } = place;
    const waited = rounded(clock.now() - this.#arrivedAt - this.#ranMs);
    const receipt: ServerReceipt = {
      waited,
      run: rounded(this.#ranMs),
      at: this.#at,
      attempt,
      topic,
      partition,
      offset: Number(offset),
    };
    return writeReceipt(receipt);
  }
}

/** To hundredths of a millisecond: each digit is sent. */
function rounded(milliseconds: number): number {
  return Math.round(100 * Math.max(0, milliseconds)) / 100;
}
