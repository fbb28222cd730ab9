/**
 * The keys of this example, from the environment: a secret of the billing team and the servers, and
 * one of the servers and whoever must know their replies. Make one by `openssl rand -base64 32`.
 *
 * @module
 */

/**
 * Reads a secret.
 *
 * @param name Name of the variable; its value is base64.
 * @returns The bytes.
 * @throws {Error} Where there is none.
 */
export function secret(name: string): Uint8Array<ArrayBuffer> {
  const text = Deno.env.get(name);
  if (text === undefined) {
    throw new Error(
      `Cannot sign: ${name} is missing. Set it to what openssl rand -base64 32 gives.`,
    );
  }
  return Uint8Array.fromBase64(text);
}
