// The values of one stream, on their way out of a sandbox.
import type { Payload } from "../../wire/outcome.ts";
import type { Credit } from "../../wire/stream.ts";
import type { ValueSink } from "../executor.ts";

/** Counts what was sent, and says when there is room again. */
export interface ValueFlow extends Pick<ValueSink, "emit"> {
  /** Notes a later credit. */
  raise(credit: Credit): void;
}

/** Self-contained, because it travels as text. */
export function createValueFlow(send: (value: Payload) => void, first: Credit): ValueFlow {
  let { seq, bytes } = first;
  let sent = 0;
  let sentBytes = 0;
  let room: PromiseWithResolvers<void> | undefined;
  const hasRoom = () => sent <= seq && sentBytes < bytes;
  return {
    emit(value) {
      sent++;
      sentBytes += value.bytes.byteLength;
      send(value);
      if (hasRoom()) return undefined;
      room = Promise.withResolvers<void>();
      return room.promise;
    },
    raise(credit) {
      seq = Math.max(seq, credit.seq);
      bytes = Math.max(bytes, credit.bytes);
      if (hasRoom()) room?.resolve();
    },
  };
}
