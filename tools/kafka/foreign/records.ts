/**
 * Records as they go to and come from Java: bytes are base64 in JSON.
 *
 * @module
 */

/** Bytes, or a text in UTF-8. */
export type Bytes = Uint8Array | string;

/** A record to send. */
export interface SentRecord {
  /** Key; none by default. */
  readonly key?: Bytes | undefined;
  /** Value; null by default. */
  readonly value?: Bytes | null | undefined;
  /** Headers in their order; names may be there twice. */
  readonly headers?: readonly (readonly [name: string, value: Bytes | null])[];
  /** Unix milliseconds. Default: now. */
  readonly timestamp?: number;
  /** How often it is sent. Default: 1. */
  readonly count?: number;
}

/** A record that was read. */
export interface ReadRecord {
  /** Its offset. */
  readonly offset: number;
  /** Unix milliseconds. */
  readonly timestamp: number;
  /** Key. */
  readonly key: Uint8Array | null;
  /** Value. */
  readonly value: Uint8Array | null;
  /** Headers in their order. */
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[];
}

/** A record as Java writes it. */
export interface WireRecord {
  /** As in {@linkcode ReadRecord}. */
  readonly offset: number;
  /** As in {@linkcode ReadRecord}. */
  readonly timestamp: number;
  /** Base64. */
  readonly key: string | null;
  /** Base64. */
  readonly value: string | null;
  /** Names, and values in base64. */
  readonly headers: readonly (readonly [string, string | null])[];
}

/** Records as Java reads them. */
export function encodeRecords(records: readonly SentRecord[]): object[] {
  return records.map(({ key, value, headers = [], ...rest }) => ({
    ...rest,
    key: encode(key),
    value: encode(value),
    headers: headers.map(([name, value]) => [name, encode(value)]),
  }));
}

/** A record with its bytes. */
export function readRecord({ key, value, headers, ...rest }: WireRecord): ReadRecord {
  return {
    ...rest,
    key: decode(key),
    value: decode(value),
    headers: headers.map(([name, value]) => [name, decode(value)] as const),
  };
}

function encode(bytes: Bytes | null | undefined): string | null {
  if (bytes === null || bytes === undefined) return null;
  return (typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes).toBase64();
}

function decode(text: string | null): Uint8Array | null {
  return text === null ? null : Uint8Array.fromBase64(text);
}
