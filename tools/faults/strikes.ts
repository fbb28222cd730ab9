/**
 * Faults that are aimed at single requests or responses.
 *
 * @module
 */
import type { Frame } from "./frames.ts";
import type { Direction } from "./lane.ts";

/** Which requests or responses are meant. */
export interface Aim {
  /** Key of the request, see `API`; any by default. */
  readonly api?: number | undefined;
  /** Only connections of this client. */
  readonly clientId?: string | undefined;
  /** How many are let through first. Default: 0. */
  readonly skip?: number | undefined;
  /** How many are met. Default: 1. */
  readonly times?: number | undefined;
}

/** A request or response at which a connection breaks. */
export interface Cut extends Aim {
  /** `request`: before the broker sees it. `response`: done, and the client never hears of it. */
  readonly at: Direction;
  /** Bytes of it that go through, its size's four among them. Default: 0. */
  readonly after?: number | undefined;
  /**
   * `reset`: both ends get an RST. `end`: its receiver gets a FIN. `stall`: nobody gets anything any
   * more. Default: `reset`.
   */
  readonly how?: "reset" | "end" | "stall" | undefined;
}

/** A response that is replaced. */
export interface Replacement extends Aim {
  /** What the client gets instead, its size included; the connection goes on. */
  readonly bytes: Uint8Array;
}

/** What happens to a request or response. */
export interface Strike {
  /** Bytes that go on instead. */
  readonly bytes: Uint8Array;
  /** What becomes of the connection then. */
  readonly then: "reset" | "end" | "stall" | "nothing";
}

interface Planned {
  readonly at: Direction;
  readonly aim: Aim;
  readonly strike: (frame: Frame) => Strike;
  skip: number;
  left: number;
  readonly done: () => void;
}

/** Strikes that are still to come. */
export class Strikes {
  #planned: Planned[] = [];

  /** Plans a cut; resolves when all of it has happened. */
  cut(cut: Cut): Promise<void> {
    const { at, after = 0, how = "reset" } = cut;
    return this.#plan(at, cut, ({ bytes }) => ({ bytes: bytes.subarray(0, after), then: how }));
  }

  /** Plans a replacement; resolves when all of it has happened. */
  replace(replacement: Replacement): Promise<void> {
    const { bytes } = replacement;
    return this.#plan("response", replacement, () => ({ bytes, then: "nothing" }));
  }

  /** Forgets all plans; they never resolve. */
  clear(): void {
    this.#planned = [];
  }

  /** What happens to a request or response; undefined where it goes on as it is. */
  meet(direction: Direction, frame: Frame): Strike | undefined {
    const planned = this.#planned.find(({ at, aim }) =>
      at === direction &&
      (aim.api ?? frame.api) === frame.api &&
      (aim.clientId ?? frame.clientId) === frame.clientId
    );
    if (planned === undefined || planned.skip-- > 0) return undefined;
    if (--planned.left === 0) {
      this.#planned = this.#planned.filter((other) => other !== planned);
      planned.done();
    }
    return planned.strike(frame);
  }

  #plan(at: Direction, aim: Aim, strike: Planned["strike"]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { skip = 0, times = 1 } = aim;
    this.#planned.push({ at, aim, strike, skip, left: times, done: resolve });
    return promise;
  }
}
