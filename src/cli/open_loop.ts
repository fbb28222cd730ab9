// Calls at a fixed rate, whatever becomes of those before.
//
// A latency counts from the moment when its call should have begun, so that a server that stands
// still delays all calls of that time, as it would delay users who do not wait for each other. A
// closed loop would stop to call and count one slow call: "coordinated omission" (Gil Tene, "How
// NOT to Measure Latency", https://www.youtube.com/watch?v=lJ8ydIuPFeU).

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Waits so many milliseconds, or a little longer. */
  wait(milliseconds: number): Promise<void>;
}

export interface OpenLoopPlan {
  /** Calls a second. */
  readonly rate: number;
  /** Calls in all. */
  readonly count: number;
  /** Most calls in flight; the others begin later, and their latency counts nevertheless. */
  readonly maxInFlight: number;
  /** Default: this machine's. */
  readonly clock?: Clock | undefined;
  /** Begins no more calls once it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Makes the calls, and waits for the end of them all. `make` gets when its call was due. */
export async function openLoop(
  make: (due: number) => Promise<void>,
  { rate, count, maxInFlight, clock = SYSTEM_CLOCK, signal }: OpenLoopPlan,
): Promise<void> {
  const began = clock.now();
  let inFlight = 0;
  let freed = Promise.withResolvers<void>();
  const free = () => {
    inFlight--;
    freed.resolve();
    freed = Promise.withResolvers();
  };
  const begin = async (due: number) => {
    inFlight++;
    await make(due);
    free();
  };
  for (let index = 0; index < count && !signal?.aborted;) {
    const due = began + index * 1_000 / rate;
    const early = due - clock.now();
    if (early > 0) await clock.wait(early);
    else if (inFlight === maxInFlight) await freed.promise;
    else void begin(due), index++;
  }
  while (inFlight > 0) await freed.promise;
}
