// Questions to every server about itself, and what a server says.

/**
 * What a server is asked: `ping`, which one it is and what it does just now; `info`, what it offers as
 * well; `stats`, what it has counted instead.
 */
export type ServerDetail = "ping" | "info" | "stats";

/** The same, for those who check one. */
export const SERVER_DETAILS: readonly ServerDetail[] = ["ping", "info", "stats"];

/** Longest time that a client gives a question, in milliseconds: a copy of it is not answered later. */
export const MAX_QUESTION_MS = 60_000;

/** A server, as it says itself. */
export interface ServerPing {
  /** Its id, as replies carry it. */
  readonly server: string;
  /** Name of its machine, where its program has the permission to read that. */
  readonly host?: string | undefined;
  /** Version of this package that it runs. */
  readonly version: string;
  /** Version of the protocol that it speaks. */
  readonly protocol: number;
  /** Commands topic. */
  readonly topic: string;
  /** Consumer group. */
  readonly group: string;
  /** When it started, by its own clock: ISO 8601 in UTC. */
  readonly startedAt: string;
  /**
   * `serving` as a member of its group; `joining` it again after the group went on without it;
   * `draining` while it closes. Later versions may have other states.
   */
  readonly state: "serving" | "joining" | "draining" | (string & Record<never, never>);
  /** Partitions of the commands topic that are its own just now. */
  readonly partitions: readonly number[];
}

/** What the contract of a command says for people and programs that have no copy of it. */
export interface CommandDescription {
  /** `stream` where it is an async generator. */
  readonly kind: "call" | "stream";
  /** What it does, in a sentence. */
  readonly summary?: string | undefined;
  /** JSON Schema of what callers give. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** JSON Schema of what callers get; of a stream: of each value. */
  readonly output?: Readonly<Record<string, unknown>> | undefined;
  /** JSON Schemas of the `details` of its errors, by code. */
  readonly errors?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** Why schemas that it has are not here: a sentence. */
  readonly omitted?: string | undefined;
}

/** A command that a server offers. */
export interface CommandInfo extends CommandDescription {
  /** Its name. */
  readonly name: string;
  /** Milliseconds that it may run at most. */
  readonly timeoutMs: number;
  /** Milliseconds that a request may wait for its start. */
  readonly queueMs: number;
  /** Most bytes of an encoded input and its metadata. */
  readonly requestBytes: number;
  /** Whether running it twice does no more than running it once. */
  readonly idempotent: boolean;
  /** Runs of it at a time, where it has fewer than its server. */
  readonly concurrency?: number | undefined;
  /** Which calls that wait go first: those of the highest. */
  readonly priority: number;
}

/** What a server offers. */
export interface ServerInfo extends ServerPing {
  /** Its commands. */
  readonly commands: readonly CommandInfo[];
  /** How many more there are: a record holds no more. */
  readonly commandsOmitted?: number | undefined;
  /** Commands at a time. */
  readonly concurrency: number;
  /** Its option `limits`, with every default in its place. */
  readonly limits: Readonly<Record<string, number>>;
  /** Content types of values that it reads and writes. */
  readonly codecs: readonly string[];
}

/** How long runs of a command took, in groups. */
export interface Durations {
  /** Upper bounds of the groups in milliseconds, from small to large. */
  readonly boundsMs: readonly number[];
  /** Runs of each group; one group more than there are bounds, for those above the last. */
  readonly counts: readonly number[];
  /** Milliseconds of all runs together. */
  readonly sumMs: number;
}

/** The latest failure of a command. */
export interface CommandFailure {
  /** Its code. */
  readonly code: string;
  /** The text that its caller got, cut to 200 characters; empty for expressions. */
  readonly message: string;
  /** When, by the clock of the server: ISO 8601 in UTC. */
  readonly at: string;
}

/** What a server has counted of a command since it started. */
export interface CommandStats {
  /** Its name. */
  readonly name: string;
  /** Calls that gave a result. */
  readonly succeeded: number;
  /** Calls that failed, those included that were refused before it ran. */
  readonly failed: number;
  /** Runs just now. */
  readonly running: number;
  /** The latest failure. */
  readonly lastError?: CommandFailure | undefined;
  /** How long it ran, from when it had its turn; the wait for that is not counted. */
  readonly durations: Durations;
}

/** What a server has counted. */
export interface ServerStats extends ServerPing {
  /** Milliseconds since it started. */
  readonly uptimeMs: number;
  /** Its `counts`, by name. */
  readonly counts: Readonly<Record<string, number>>;
  /** By command; those that were never called are there too. */
  readonly commands: readonly CommandStats[];
  /** How many more there are: a record holds no more. */
  readonly commandsOmitted?: number | undefined;
  /** Bytes of memory of its program, without its sandboxes. */
  readonly memory: { readonly rss: number; readonly heapUsed: number };
}

/** What a server says, by what it was asked. */
export interface ServerAnswers {
  /** Which one it is, and what it does just now. */
  readonly ping: ServerPing;
  /** What it offers as well. */
  readonly info: ServerInfo;
  /** What it has counted. */
  readonly stats: ServerStats;
}
