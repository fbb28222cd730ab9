// What programs that travel as text are made of, and what they get first.

/** The text of an object of functions. Each must be self-contained: its text is all of it. */
export function textOf(parts: object): string {
  return `{${Object.entries(parts).map(([name, part]) => `${name}: ${part}`).join(",\n")}}`;
}

/** The scope of a worker, as far as its first message needs it. */
interface FirstMessageScope {
  addEventListener(
    type: string,
    listener: (event: MessageEvent<unknown>) => void,
    options: { once: boolean },
  ): void;
}

/**
 * The first message to a worker: the memory of its claims and that of its channel. Self-contained,
 * because it travels as text.
 */
export function receiveMemory(
  scope: FirstMessageScope,
): Promise<[claims: SharedArrayBuffer, channel: SharedArrayBuffer]> {
  return new Promise((resolve) => {
    const listener = ({ data }: MessageEvent<unknown>) =>
      resolve(data as [SharedArrayBuffer, SharedArrayBuffer]);
    scope.addEventListener("message", listener, { once: true });
  });
}
