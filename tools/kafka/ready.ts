/**
 * Asks a broker over its own protocol whether it serves: an ApiVersions and a Metadata
 * request, made by hand so that starting a broker needs no Kafka client.
 *
 * @module
 */

const API_VERSIONS = 18;
const METADATA = 3;
const METADATA_VERSION = 1;
const ANSWER_WITHIN_MS = 2000;
const POLL_EVERY_MS = 100;

/** A broker as a Metadata answer lists it. */
export interface ListedBroker {
  /** Its node id. */
  id: number;
  /** The host it tells clients to use. */
  host: string;
  /** The port it tells clients to use. */
  port: number;
}

/** The brokers that the one at this address lists, or an error if it does not answer in time. */
export async function listBrokers(
  hostname: string,
  port: number,
): Promise<ListedBroker[]> {
  using connection = await Deno.connect({ hostname, port });
  // Closing the socket is what ends a read that waits for ever.
  const timer = setTimeout(() => connection.close(), ANSWER_WITHIN_MS);
  try {
    const versions = await ask(connection, API_VERSIONS, 0, new Uint8Array());
    requireMetadata(versions);
    // An empty list of topics: the answer then holds brokers only.
    return readBrokers(
      await ask(connection, METADATA, METADATA_VERSION, new Uint8Array(4)),
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Polls until the broker on this port lists itself, under the port that it advertises. Another
 * program that took the port in the meantime is recognized by that.
 */
export async function untilReady(
  port: number,
  signal: AbortSignal,
  advertised: number = port,
): Promise<void> {
  let last: unknown;
  while (!signal.aborted) {
    try {
      const brokers = await listBrokers("127.0.0.1", port);
      if (brokers.some((broker) => broker.port === advertised)) return;
      last = new Error(
        `the broker lists ${brokers.length} brokers, but not itself`,
      );
    } catch (error) {
      last = error;
    }
    await pause(POLL_EVERY_MS, signal);
  }
  throw last ?? signal.reason;
}

/** Ends early where the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const end = () => resolve();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  });
}

async function ask(
  connection: Deno.TcpConn,
  key: number,
  version: number,
  body: Uint8Array,
): Promise<DataView> {
  // Header version 1: api key, api version, correlation id, client id (null).
  const request = new DataView(new ArrayBuffer(4 + 10 + body.length));
  request.setInt32(0, 10 + body.length);
  request.setInt16(4, key);
  request.setInt16(6, version);
  request.setInt32(8, key);
  request.setInt16(12, -1);
  new Uint8Array(request.buffer).set(body, 14);
  const writer = connection.writable.getWriter();
  await writer.write(new Uint8Array(request.buffer));
  writer.releaseLock();

  const size = (await readExactly(connection, 4)).getInt32(0);
  if (size < 4 || size > 1_000_000) {
    throw new Error(`not a Kafka answer: its size is ${size}`);
  }
  const answer = await readExactly(connection, size);
  if (answer.getInt32(0) !== key) {
    throw new Error("not a Kafka answer: foreign correlation id");
  }
  return new DataView(answer.buffer, 4);
}

async function readExactly(
  connection: Deno.TcpConn,
  size: number,
): Promise<DataView> {
  const bytes = new Uint8Array(size);
  for (let filled = 0; filled < size;) {
    const count = await connection.read(bytes.subarray(filled));
    if (count === null) throw new Error("the broker closed the connection");
    filled += count;
  }
  return new DataView(bytes.buffer);
}

function requireMetadata(answer: DataView): void {
  const error = answer.getInt16(0);
  if (error !== 0) throw new Error(`ApiVersions answered with error ${error}`);
  for (let index = 0; index < answer.getInt32(2); index++) {
    const at = 6 + index * 6;
    if (answer.getInt16(at) !== METADATA) continue;
    const [lowest, highest] = [
      answer.getInt16(at + 2),
      answer.getInt16(at + 4),
    ];
    if (lowest <= METADATA_VERSION && METADATA_VERSION <= highest) return;
    throw new Error(`the broker speaks Metadata ${lowest} to ${highest} only`);
  }
  throw new Error("the broker offers no Metadata request");
}

function readBrokers(answer: DataView): ListedBroker[] {
  let at = 0;
  const int32 = () => answer.getInt32((at += 4) - 4);
  const text = () => {
    const length = answer.getInt16((at += 2) - 2);
    if (length < 0) return "";
    const bytes = new Uint8Array(answer.buffer, answer.byteOffset + at, length);
    at += length;
    return new TextDecoder().decode(bytes);
  };
  return Array.from({ length: int32() }, () => {
    const broker = { id: int32(), host: text(), port: int32() };
    text(); // the rack, of no interest here
    return broker;
  });
}
