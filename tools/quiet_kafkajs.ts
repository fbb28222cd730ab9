/**
 * kafkajs' own client, for what tools and tests administer, without the warning that it prints.
 *
 * After each answer its request queue sets a timer with a negative time, which Deno reports on the
 * user's terminal. Here it sets one only where requests wait.
 *
 * @module
 */
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { setTimeout } from "node:timers";

interface Queue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: ReturnType<typeof setTimeout> | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** As in its own source. */
const CHECK_PENDING_MS = 10;

const { prototype } = RequestQueue as unknown as { prototype: Queue };
prototype.scheduleCheckPendingRequests = function (this: Queue): void {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  const wait = Math.max(this.throttledUntil - Date.now(), CHECK_PENDING_MS);
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, wait);
};

export { type Admin, Kafka, type KafkaConfig, logLevel, Partitioners } from "kafkajs";
