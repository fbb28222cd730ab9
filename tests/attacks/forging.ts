/**
 * Frames that a command makes by itself, past what runs it.
 */

/**
 * An expression that posts a frame to the supervisor.
 *
 * @param message An expression for the message.
 * @param value An expression for the bytes of its value.
 * @returns The expression.
 */
export function posted(message: string, value = "new Uint8Array(0)"): string {
  return `((message, value) => {
    const json = new TextEncoder().encode(JSON.stringify(message));
    const frame = new Uint8Array(4 + json.length + value.length);
    new DataView(frame.buffer).setUint32(0, json.length);
    frame.set(json, 4);
    frame.set(value, 4 + json.length);
    postMessage(frame);
  })(${message}, ${value})`;
}
