/**
 * One output for several writers at the same time.
 *
 * @module
 */

/** What one of the writers has. */
export interface Turn {
  /** Writes, now or when those before it have ended. */
  write(chunk: Uint8Array): void;
  /** Nothing more comes from it. */
  end(): void;
}

/**
 * Lets one writer through at a time, in the order in which they came: what the others write is
 * kept until then, so that their lines never mix.
 */
export class Turns {
  readonly #output: (chunk: Uint8Array) => void;
  readonly #turns: { kept: Uint8Array[]; ended: boolean }[] = [];

  /** Takes the output. */
  constructor(output: (chunk: Uint8Array) => void) {
    this.#output = output;
  }

  /** One more writer, after those that are there. */
  take(): Turn {
    const turn = { kept: [] as Uint8Array[], ended: false };
    this.#turns.push(turn);
    return {
      write: (chunk) => {
        if (turn === this.#turns[0]) this.#output(chunk);
        else turn.kept.push(chunk);
      },
      end: () => {
        turn.ended = true;
        this.#advance();
      },
    };
  }

  #advance(): void {
    while (this.#turns[0]?.ended) {
      this.#turns.shift();
      this.#turns[0]?.kept.splice(0).forEach(this.#output);
    }
  }
}
