// Defaults that more than one place needs.

/** Milliseconds that a call waits at its client, and that a command may run. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Most bytes of an encoded input with its metadata, and of an encoded result. */
export const DEFAULT_VALUE_BYTES = 1_000_000;
/** Milliseconds that a server keeps its replies. */
export const DEFAULT_REPLY_WINDOW_MS = 300_000;
/** Milliseconds to wait for a broker at the start. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** Name of a program in the brokers' logs. */
export const DEFAULT_CLIENT_ID = "kafka-rpc";
