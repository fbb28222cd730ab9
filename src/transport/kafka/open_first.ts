// Opens a connection to the first of several brokers that answers.
import { clock, type Timer } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import { addressText } from "../brokers.ts";
import { judge } from "./errors.ts";
import type { Patience } from "./patience.ts";
import { type BrokerAddress, type BrokerConnection, ConnectionFailed } from "./port.ts";

/** Opening a connection takes about so many answers. */
const OPENING_ANSWERS = 4;

interface OpenFirstOptions {
  readonly open: (address: BrokerAddress, signal: AbortSignal) => Promise<BrokerConnection>;
  /** The next try begins after so many milliseconds; those before go on. */
  readonly staggerMs: number;
  /** For one answer; opening takes several. */
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/**
 * Tries brokers one after the other, the next as soon as one fails or is slow, until one answers.
 * A broker that is slow is tried again beside the slow try: where the network swallowed the first
 * packets, only new ones find out that it is back.
 *
 * @param addresses At least one, in the order of the tries.
 * @throws {ConnectionFailed} When each has failed, one has failed for good, or the time is over.
 */
export async function openFirst(
  addresses: readonly BrokerAddress[],
  options: OpenFirstOptions,
): Promise<BrokerConnection> {
  const { open, staggerMs, patience } = options;
  using ending = linkSignals(options.signal);
  const { signal } = ending;
  const { promise, resolve, reject } = Promise.withResolvers<BrokerConnection>();
  const failed = new Set<BrokerAddress>();
  let timer: Timer | undefined;
  let turn = 0;
  const next = (failure?: unknown) => {
    timer?.cancel();
    if (signal.aborted) return;
    const left = addresses.filter((address) => !failed.has(address));
    if (left.length === 0) return reject(failure);
    const address = left[turn++ % left.length]!;
    timer = clock.timer(staggerMs, () => next(), { background: true });
    open(address, signal).then(
      (opened) => signal.aborted ? opened.close() : (resolve(opened), ending.abort()),
      (error) => {
        failed.add(address);
        const { kind } = judge(error, "start");
        if (kind === "outage") next(error);
        else reject(error);
      },
    );
  };
  const { limitMs: answerMs } = patience;
  const timeoutMs = OPENING_ANSWERS * answerMs;
  const bounds = { signal: options.signal, timeoutMs, background: true };
  try {
    next();
    return await withDeadline(promise, bounds, () => {
      patience.late(answerMs);
      const names = addresses.map(addressText).join(", ");
      return new ConnectionFailed("network", `${names}: no answer within ${timeoutMs} ms`);
    });
  } finally {
    ending.abort();
    timer?.cancel();
  }
}
