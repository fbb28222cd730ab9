/**
 * Tokens for OAUTHBEARER that nobody has signed, as a secured node takes them.
 *
 * @module
 */

/** What a token says. */
export interface TokenOptions {
  /** Unix milliseconds at which it was made. Default: now. */
  readonly issuedAt?: number;
  /** Milliseconds that it is good for. Default: an hour. */
  readonly lifetimeMs?: number;
}

/**
 * A JSON Web Token without a signature, for this user.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#appendix-A.5
 */
export function unsecuredToken(user: string, options: TokenOptions = {}): string {
  const { issuedAt = Date.now(), lifetimeMs = 3_600_000 } = options;
  const claims = { sub: user, iat: issuedAt / 1_000, exp: (issuedAt + lifetimeMs) / 1_000 };
  return `${encode({ alg: "none" })}.${encode(claims)}.`;
}

function encode(part: object): string {
  return new TextEncoder().encode(JSON.stringify(part))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}
