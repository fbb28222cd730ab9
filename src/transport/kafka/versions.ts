// Which versions of which requests a broker has, asked on each connection.
import { UNSUPPORTED_VERSION } from "./error_codes.ts";
import type { FramedSocket } from "./framed_socket.ts";
import { BoundedReader } from "./bounded_reader.ts";
import { type BrokerAddress, ConnectionFailed } from "./port.ts";
import { addressText } from "../brokers.ts";

const API_VERSIONS = 18;

type VersionRange = readonly [lowest: number, highest: number];

export type BrokerVersions = ReadonlyMap<number, VersionRange>;

/** A socket to a broker whose versions are known. */
export interface BrokerSocket {
  readonly socket: FramedSocket;
  readonly address: BrokerAddress;
  readonly versions: BrokerVersions;
}

/** A kind of request, with the versions that this side has. */
export interface RequestKind {
  readonly name: string;
  /** @see https://kafka.apache.org/protocol#protocol_api_keys */
  readonly key: number;
  readonly versions: VersionRange;
}

/**
 * Asks a broker. One that does not know version 2 of the question says so in the layout of version
 * 0, and is asked in that.
 */
export async function askVersions(socket: FramedSocket, peer: string): Promise<BrokerVersions> {
  for (const version of [2, 0]) {
    const request = { name: "ApiVersions", key: API_VERSIONS, version, body: [] };
    const reader = new BoundedReader(await socket.request(request));
    const error = reader.int16();
    if (error === UNSUPPORTED_VERSION) continue;
    if (error !== 0) {
      const text = `${peer} refused ApiVersions with error ${error}`;
      throw new ConnectionFailed("protocol", text);
    }
    return new Map(reader.array(() => {
      return [reader.int16(), [reader.int16(), reader.int16()]] as const;
    }));
  }
  const text = `${peer} has no version of ApiVersions that this package knows (0 and 2)`;
  throw new ConnectionFailed("unsupported", text);
}

/** The highest version of a request that both sides have. */
export function commonVersion(
  broker: BrokerVersions,
  { name, key, versions: [lowest, highest] }: RequestKind,
  address: BrokerAddress,
): number {
  const range = broker.get(key);
  if (range !== undefined) {
    const version = Math.min(range[1], highest);
    if (version >= Math.max(range[0], lowest)) return version;
  }
  const peer = addressText(address);
  const text = range === undefined
    ? `${peer} does not have the request ${name}`
    : `${peer} has the request ${name} in versions ${range.join(" to ")}, this package in ` +
      `${lowest} to ${highest}`;
  throw new ConnectionFailed("unsupported", text);
}
