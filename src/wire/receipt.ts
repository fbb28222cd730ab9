// Receipts: where the time of a call went, and what its server says beside the result.
import { HEADER } from "./headers.ts";
import { textOf } from "./utf8.ts";
import { metadataRules } from "./metadata.ts";
import type { IncomingRecord } from "./record.ts";

/** Where a record lies. */
export interface RecordPlace {
  /** Its topic. */
  readonly topic: string;
  /** Its partition. */
  readonly partition: number;
  /** Its offset. */
  readonly offset: number;
}

/**
 * Where the time of a call went, as far as that is known: it fills as the call goes on. Durations are
 * measured on one machine each, so that clocks which differ change none of them.
 */
export interface Receipt {
  /** The command that was called. */
  readonly command: string;
  /** The correlation id. */
  readonly id: string;
  /** The attempt that was answered, else the latest one: 1 for the first. */
  readonly attempt: number;
  /** When that attempt was sent, in Unix milliseconds of this machine. */
  readonly sentAt?: number | undefined;
  /** Milliseconds from then until a broker acknowledged the request. */
  readonly acknowledgedMs?: number | undefined;
  /** Milliseconds from then until the reply was there. */
  readonly totalMs?: number | undefined;
  /** Milliseconds at the server in which the command did not run: waiting for a slot, for example. */
  readonly waitedMs?: number | undefined;
  /** Milliseconds that the command ran; 0 where another call's result was given. */
  readonly runMs?: number | undefined;
  /** The rest of `totalMs`: both ways over Kafka. */
  readonly transitMs?: number | undefined;
  /** When the server had the request, in Unix milliseconds of its machine. */
  readonly arrivedAt?: number | undefined;
  /**
   * About how many milliseconds the server's clock is ahead of this machine's, as NTP estimates it:
   * wrong by half of `transitMs` at most.
   */
  readonly clockAheadMs?: number | undefined;
  /** Id of the server that answered. */
  readonly server?: string | undefined;
  /** Where the request lies. */
  readonly request?: RecordPlace | undefined;
  /** Where the reply lies. */
  readonly reply?: RecordPlace | undefined;
  /** What the command set by `setReplyMetadata`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a server says in the header. */
export interface ServerReceipt {
  /** Milliseconds at the server in which the command did not run. */
  readonly waited: number;
  /** Milliseconds that it ran. */
  readonly run: number;
  /** When the request arrived, in Unix milliseconds of the server. */
  readonly at: number;
  readonly attempt: number;
  /** Place of the request. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

const NUMBERS = ["waited", "run", "at", "attempt", "partition", "offset"] as const;

export function writeReceipt(receipt: ServerReceipt): string {
  return JSON.stringify(receipt);
}

/** Undefined where there is none that can be read: a reply counts without it. */
export function readReceipt(record: IncomingRecord): ServerReceipt | undefined {
  const bytes = record.headers.get(HEADER.receipt);
  const text = bytes && textOf(bytes);
  if (text === undefined) return undefined;
  try {
    const fields = Object(JSON.parse(text)) as Record<string, unknown>;
    const isWhole = typeof fields["topic"] === "string" &&
      NUMBERS.every((name) => Number.isFinite(fields[name]) && fields[name] as number >= 0);
    return isWhole ? fields as unknown as ServerReceipt : undefined;
  } catch {
    return undefined; // what is no JSON says nothing
  }
}

const NONE: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** The headers of a reply that are not of this protocol; none where a server may not have sent them. */
export function readReplyMetadata(record: IncomingRecord): Readonly<Record<string, string>> {
  let metadata: Record<string, string> | undefined;
  for (const [name, bytes] of record.headers) {
    if (metadataRules.nameProblem(name) !== undefined) continue;
    const text = textOf(bytes);
    if (text === undefined) continue;
    metadata ??= Object.create(null) as Record<string, string>;
    metadata[name] = text;
  }
  return metadata === undefined || metadataRules.problem(metadata) !== undefined ? NONE : metadata;
}

export function recordPlace({ topic, partition, offset }: IncomingRecord): RecordPlace {
  return { topic, partition, offset: Number(offset) };
}
