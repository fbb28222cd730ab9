/**
 * Opens a connection to the first of several brokers that answers.
 *
 * @module
 */
import { clock, type Timer } from "../../async/clock.ts";
import { judge } from "./errors.ts";
import type { Patience } from "./patience.ts";
import { type BrokerAddress, ConnectionFailed } from "./port.ts";

/** Opening a connection takes about so many answers. */
const OPENING_ANSWERS = 4;

/** How {@linkcode openFirst} tries. */
export interface OpenFirstOptions<T> {
  /** Opens a connection to one. */
  readonly open: (address: BrokerAddress, signal: AbortSignal) => Promise<T>;
  /** Closes one that came too late. */
  readonly close: (opened: T) => void;
  /** The next try begins after so many milliseconds; those before go on. */
  readonly staggerMs: number;
  /** For one answer; opening takes several. */
  readonly patience: Patience;
  /** Ends all tries. */
  readonly signal: AbortSignal;
}

/**
 * Tries brokers one after the other, the next as soon as one fails or is slow, until one answers.
 * A broker that is slow is tried again beside the slow try: where the network swallowed the first
 * packets, only new ones find out that it is back.
 *
 * @param addresses At least one, in the order of the tries.
 * @returns What opening the first that answered gave.
 * @throws {ConnectionFailed} When each has failed, one has failed for good, or the time is over.
 */
export async function openFirst<T>(
  addresses: readonly BrokerAddress[],
  options: OpenFirstOptions<T>,
): Promise<T> {
  const { open, close, staggerMs, patience } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
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
      (opened) => signal.aborted ? close(opened) : (resolve(opened), ending.abort()),
      (error) => {
        failed.add(address);
        const { kind } = judge(error, "start");
        if (kind === "outage") next(error);
        else reject(error);
      },
    );
  };
  const names = addresses.map(({ host, port }) => `${host}:${port}`).join(", ");
  const { limitMs: answerMs } = patience;
  const limitMs = OPENING_ANSWERS * answerMs;
  const limit = clock.timer(limitMs, () => {
    patience.late(answerMs);
    reject(new ConnectionFailed("network", `no answer from ${names} within ${limitMs} ms`));
  }, { background: true });
  const abort = () => reject(options.signal.reason);
  options.signal.addEventListener("abort", abort, { once: true });
  try {
    next();
    return await promise;
  } finally {
    ending.abort();
    timer?.cancel();
    limit.cancel();
    options.signal.removeEventListener("abort", abort);
  }
}
