// A stream on its way to its caller: values become frames.
import { clock } from "../../async/clock.ts";
import { IdleTimer } from "../../async/idle_timer.ts";
import type { ValueSink } from "../../executor/executor.ts";
import { RpcError } from "../../wire/errors.ts";
import { NO_VALUE, type Outcome, type Payload } from "../../wire/outcome.ts";
import type { ReplyAddress } from "../../wire/reply.ts";
import type { Credit, Frame } from "../../wire/stream.ts";
import type { Ending } from "../ending.ts";
import type { ReplySender } from "../reply_sender.ts";

/** Values, and their bytes, that a stream has sent and no broker has acknowledged. */
const UNACKNOWLEDGED: Credit = { seq: 1_024, bytes: 262_144 };

/** After so long without a frame one without a value says that the stream goes on, in milliseconds. */
const SILENT_MS = 3_000;

/** So long after its caller gave a credit for the last time a stream ends, in milliseconds. */
const CREDIT_TTL_MS = 60_000;

export interface OutgoingStreamOptions {
  readonly command: string;
  readonly replyTo: ReplyAddress;
  /** What the caller gave with its request. */
  readonly credit: Credit;
  readonly replies: Pick<ReplySender, "send" | "sendFrame">;
  readonly ending: Ending;
  /** How long the command may take for a value. */
  readonly timeoutMs: number;
  /** Called when the first frame is acknowledged: from then on the stream never begins again. */
  readonly onBegun: () => void;
}

/** Sends the values of one stream, no more than its caller and the brokers take. */
export class OutgoingStream implements ValueSink {
  readonly #options: OutgoingStreamOptions;
  /** Of the time of the command for its next value. */
  readonly #limit: IdleTimer;
  #granted: Credit;
  /** Values that were sent, and those that are acknowledged. */
  #sent = 0;
  #sentBytes = 0;
  #acknowledged = 0;
  #acknowledgedBytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #onGrown: () => void = () => {};
  /** The first value that no broker takes: there the stream ends. */
  #refused = Infinity;
  #isOver = false;
  #sentAt = clock.now();
  #heardAt = clock.now();

  constructor(options: OutgoingStreamOptions) {
    this.#options = options;
    this.#granted = options.credit;
    const { command, ending, timeoutMs } = options;
    this.#limit = new IdleTimer(timeoutMs, () => {
      const text = `Cannot go on with "${command}": it gave no value for the ${timeoutMs} ms of ` +
        "`limits.timeoutMs`.";
      ending.abort(new RpcError("deadline_exceeded", text));
    });
  }

  /** Whether a frame was sent: a request that comes again may not begin it once more. */
  get hasBegun(): boolean {
    return this.#sent > 0;
  }

  get credit(): Credit {
    return {
      seq: Math.min(this.#granted.seq, this.#acknowledged + UNACKNOWLEDGED.seq),
      bytes: Math.min(this.#granted.bytes, this.#acknowledgedBytes + UNACKNOWLEDGED.bytes),
    };
  }

  watch(onGrown: () => void): void {
    this.#onGrown = onGrown;
  }

  emit(value: Payload): Promise<void> | undefined {
    if (this.#isOver || this.#options.ending.signal.aborted) return undefined;
    const { byteLength } = value.bytes;
    const seq = this.#sent++;
    this.#sentBytes += byteLength;
    const isFirst = seq === 0;
    this.#send({ seq, more: true, isEmpty: false }, { ok: true, output: value }, () => {
      this.#acknowledged++;
      this.#acknowledgedBytes += byteLength;
      // Of one that is over the request is done with already: nothing would note that it ended.
      if (isFirst && !this.#isOver) this.#options.onBegun();
      this.#grow();
    });
    // The time of the command for its first value is over.
    if (isFirst) this.#options.ending.pause();
    if (this.#hasRoom) {
      this.#limit.begin();
      return undefined;
    }
    // A wait for its caller is no time of the command.
    this.#limit.end();
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Takes a credit of the caller: it is there, whatever it takes. */
  grant({ seq, bytes }: Credit): void {
    this.#heardAt = clock.now();
    this.#granted = {
      seq: Math.max(seq, this.#granted.seq),
      bytes: Math.max(bytes, this.#granted.bytes),
    };
    this.#grow();
  }

  /** Whether the outcome is the end of a stream, and not the one reply of its call. */
  ends(outcome: Outcome): boolean {
    return this.hasBegun || outcome.ok && outcome.isEnd === true;
  }

  /** Sends the last frame; says whether the cluster has it. */
  end(outcome: Outcome, receipt: string | undefined): Promise<boolean> {
    this.close();
    const { replies, replyTo } = this.#options;
    const seq = Math.min(this.#sent, this.#refused);
    const address = { ...replyTo, frame: { seq, more: false, isEmpty: false } };
    return replies.send(address, outcome, { until: clock.wallTime() + CREDIT_TTL_MS, receipt });
  }

  /** Sends nothing any more: nobody waits. */
  close(): void {
    this.#isOver = true;
    this.#limit.stop();
  }

  /** Looks at the time, `lateMs` later than it should: a silent stream says that it goes on, one without a caller ends. */
  look(now: number, lateMs: number): void {
    if (this.#isOver) return;
    this.#heardAt += lateMs;
    if (now - this.#heardAt > CREDIT_TTL_MS) {
      const text = `Cannot go on with "${this.#options.command}": its caller has not said for ` +
        `${CREDIT_TTL_MS} ms that it is there.`;
      this.#options.ending.abort(new RpcError("deadline_exceeded", text));
    } else if (this.hasBegun && now - this.#sentAt >= SILENT_MS) {
      this.#send({ seq: this.#sent, more: true, isEmpty: true }, NO_VALUE, () => {});
    }
  }

  get #hasRoom(): boolean {
    const { seq, bytes } = this.credit;
    return this.#sent <= seq && this.#sentBytes < bytes;
  }

  #grow(): void {
    if (this.#isOver) return;
    if (this.#room !== undefined && this.#hasRoom) {
      this.#limit.begin();
      this.#room.resolve();
      this.#room = undefined;
    }
    this.#onGrown();
  }

  #send(frame: Frame, outcome: Outcome, onSent: () => void): void {
    const { replies, replyTo, ending } = this.#options;
    this.#sentAt = clock.now();
    // While no broker takes it, no credit comes either: after that time the stream ends.
    const until = clock.wallTime() + CREDIT_TTL_MS;
    replies.sendFrame({ ...replyTo, frame }, outcome, { until }).then(onSent, (error) => {
      if (frame.isEmpty) return;
      this.#refused = Math.min(this.#refused, frame.seq);
      const { code, message } = error instanceof RpcError
        ? error
        : new RpcError("unavailable", String(error));
      ending.abort(new RpcError(code, message));
    });
  }
}
