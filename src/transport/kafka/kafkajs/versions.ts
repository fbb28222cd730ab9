/**
 * Which versions of which requests a broker has, asked on each connection.
 *
 * @module
 */
import { UNSUPPORTED_VERSION } from "../error_codes.ts";
import type { FramedSocket } from "../framed_socket.ts";
import { ConnectionFailed } from "../port.ts";
import { BoundedReader } from "../bounded_reader.ts";

const API_VERSIONS = 18;

/** Lowest and highest version of a request. */
export type VersionRange = readonly [lowest: number, highest: number];

/** The ranges of a broker by the numbers of its requests. */
export type BrokerVersions = ReadonlyMap<number, VersionRange>;

/**
 * Asks a broker. One that does not know version 2 of the question says so in the layout of version
 * 0, and is asked in that.
 *
 * @param peer Names the broker in errors.
 * @throws {ConnectionFailed} Where it does not answer with a list.
 */
export async function askVersions(socket: FramedSocket, peer: string): Promise<BrokerVersions> {
  for (const version of [2, 0]) {
    const request = { name: "ApiVersions", key: API_VERSIONS, version, body: [] };
    const reader = new BoundedReader(await socket.request(request));
    const error = reader.int16();
    if (error === UNSUPPORTED_VERSION) continue;
    if (error !== 0) {
      const text = `${peer} refused ApiVersions with error ${error}`;
      throw new ConnectionFailed("protocol", text, { code: error });
    }
    return new Map(reader.array(() => {
      return [reader.int16(), [reader.int16(), reader.int16()]] as const;
    }));
  }
  const text = `${peer} has no version of ApiVersions that this package knows (0 and 2)`;
  throw new ConnectionFailed("unsupported", text, { code: UNSUPPORTED_VERSION });
}

/**
 * The highest version that both sides have.
 *
 * @param broker The broker's range; undefined where it lacks the request.
 * @param own This side's range.
 * @returns The version; undefined where there is none.
 */
export function commonVersion(
  broker: VersionRange | undefined,
  own: VersionRange,
): number | undefined {
  if (broker === undefined) return undefined;
  const version = Math.min(broker[1], own[1]);
  return version >= Math.max(broker[0], own[0]) ? version : undefined;
}

/**
 * The failure of a request without a common version.
 *
 * @param peer Names the broker.
 * @param ranges The broker's range and this side's.
 */
export function noCommonVersion(
  name: string,
  peer: string,
  ranges: { readonly broker: VersionRange | undefined; readonly own: VersionRange },
): ConnectionFailed {
  const { broker, own } = ranges;
  const text = broker === undefined
    ? `${peer} does not have the request ${name}`
    : `${peer} has the request ${name} in versions ${broker.join(" to ")}, this package in ` +
      `${own.join(" to ")}`;
  return new ConnectionFailed("unsupported", text);
}
