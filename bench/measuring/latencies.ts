/**
 * Latencies in an HDR histogram, whose percentiles are exact to three digits however many there are.
 *
 * @module
 */
import { build } from "hdr-histogram-js";

/** Percentiles that a curve is drawn from. */
const CURVE = [0, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99] as const;
const MINUTE_MICROS = 60_000_000;

/** A percentile, and the milliseconds that so many did not exceed. */
export type Percentile = readonly [percentile: number, milliseconds: number];

/** Latencies of calls. */
export class Latencies {
  // Whole microseconds, up to ten minutes.
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 10 * MINUTE_MICROS,
    numberOfSignificantValueDigits: 3,
  });

  /** Adds some, in milliseconds. */
  add(milliseconds: readonly number[]): this {
    for (const value of milliseconds) {
      this.#histogram.recordValue(Math.max(1, Math.round(value * 1_000)));
    }
    return this;
  }

  /** How many there are. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Milliseconds that so many of a hundred did not exceed; NaN where there are none. */
  at(percentile: number): number {
    if (this.count === 0) return NaN;
    return this.#histogram.getValueAtPercentile(percentile) / 1_000;
  }

  /** Points of a curve, as far as there are enough latencies to tell. */
  curve(): Percentile[] {
    return CURVE.filter((percentile) => (1 - percentile / 100) * this.count >= 1)
      .map((percentile) => [percentile, this.at(percentile)]);
  }
}
