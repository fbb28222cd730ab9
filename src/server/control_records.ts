// Control records about calls: cancellations, and credits of streams.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import type { Control } from "../wire/control.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { Authentication } from "./authentication.ts";
import type { Cancellations } from "./cancellations.ts";
import { placeOf, WARN_INTERVAL_MS } from "./incoming_call.ts";
import type { OpenStreams } from "./streams/open_streams.ts";

/**
 * Signatures that are checked at a time. Without a bound 100 000 forged records took half a gigabyte,
 * and kept the check of the next request waiting for 17 s.
 */
const MAX_CHECKS = 32;
/** Most records that wait for that, and their bytes: a client that closes cancels all its calls. */
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 16_777_216;

/** A control record about a call. */
export type CallControl = Extract<Control, { readonly kind: "cancel" | "credit" }>;

export interface ControlRecordsOptions {
  /** Undefined where control records need no signature. */
  readonly authentication: Pick<Authentication, "controls"> | undefined;
  readonly cancellations: Pick<Cancellations, "cancel">;
  readonly streams: Pick<OpenStreams, "grant">;
  readonly logger: Logger;
}

interface Waiting {
  readonly record: IncomingRecord;
  readonly control: CallControl;
  readonly bytes: number;
}

/** Does what control records say, once it is known who sent them. */
export class ControlRecords implements Disposable {
  readonly #options: ControlRecordsOptions;
  readonly #dropped: LogThrottle;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #checks = 0;

  constructor(options: ControlRecordsOptions) {
    this.#options = options;
    this.#dropped = new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  [Symbol.dispose](): void {
    this.#dropped.close();
  }

  take(record: IncomingRecord, control: CallControl): void {
    const { authentication } = this.#options;
    if (authentication === undefined) return this.#obey(control, undefined);
    const bytes = bytesOf(record);
    const isFull = this.#waiting.length >= MAX_WAITING ||
      this.#waitingBytes + bytes > MAX_WAITING_BYTES;
    if (isFull) {
      return this.#dropped.log("a control record is not taken: too many come", placeOf(record));
    }
    this.#waiting.push({ record, control, bytes });
    this.#waitingBytes += bytes;
    if (this.#checks < MAX_CHECKS) void this.#checkAll(authentication);
  }

  async #checkAll(authentication: Pick<Authentication, "controls">): Promise<void> {
    this.#checks++;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { record, control, bytes } = next;
      this.#waitingBytes -= bytes;
      const principal = await authentication.controls(record);
      if (principal !== undefined) this.#obey(control, principal);
    }
    this.#checks--;
  }

  #obey(control: CallControl, principal: string | undefined): void {
    const { id, digest } = control;
    const name = { id, digest, principal };
    if (control.kind === "cancel") this.#options.cancellations.cancel(name);
    else this.#options.streams.grant(name, control.credit);
  }
}

function bytesOf({ key, value, headers }: IncomingRecord): number {
  let bytes = (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  for (const header of headers.values()) bytes += header.byteLength;
  return bytes;
}
