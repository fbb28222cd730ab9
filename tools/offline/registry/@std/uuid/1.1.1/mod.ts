/**
 * Stand-in for `jsr:@std/uuid@1.1.1` where jsr.io is out of reach: the same signatures for the
 * parts a program commonly uses, over `npm:uuid`.
 *
 * Everything is a constant with a written type, because Deno checks a package of a registry
 * with the bodies of its functions removed; parameters would count as unused there.
 *
 * @module
 */
import * as npm from "npm:uuid@14.0.3";

/** The UUID whose every bit is zero. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

/** Namespace for names that are domain names. */
export const NAMESPACE_DNS = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

/** Namespace for names that are URLs. */
export const NAMESPACE_URL = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

const NEWEST_VERSION = 7;

/** True for the UUID whose every bit is zero. */
export const isNil: (id: string) => boolean = (id) => id === NIL_UUID;

/** True for a UUID of version 1 to 7, and for the nil UUID. */
export const validate: (uuid: string) => boolean = (uuid) =>
  npm.validate(uuid) && npm.version(uuid) <= NEWEST_VERSION;

/** The version of a UUID. */
export const version: (uuid: string) => number = (uuid) => {
  if (!validate(uuid)) {
    throw new TypeError(`Cannot detect UUID version: received ${uuid}`);
  }
  return npm.version(uuid);
};

function isVersion(id: string, wanted: number): boolean {
  return npm.validate(id) && npm.version(id) === wanted;
}

type RandomUuid = ReturnType<typeof crypto.randomUUID>;

/** UUIDs of random bits. */
export const v4: {
  /** True for a UUID of version 4. */
  validate(id: string): id is RandomUuid;
} = {
  validate: (id): id is RandomUuid => isVersion(id, 4),
};

/** UUIDs made from a name. */
export const v5: {
  /** True for a UUID of version 5. */
  validate(id: string): boolean;
  /** The UUID of this name in this namespace. */
  generate(namespace: string, data: Uint8Array): Promise<string>;
} = {
  validate: (id) => isVersion(id, 5),
  generate: (namespace, data) =>
    validate(namespace) ? Promise.resolve(npm.v5(data, namespace)) : Promise.reject(
      new TypeError(`Cannot generate UUID: invalid namespace ${namespace}`),
    ),
};

/** UUIDs that begin with the time. */
export const v7: {
  /** A new UUID of version 7 for this time, in Unix milliseconds. */
  generate(timestamp?: number): string;
  /** True for a UUID of version 7. */
  validate(id: string): boolean;
  /** The time in a UUID of version 7, in Unix milliseconds. */
  extractTimestamp(uuid: string): number;
} = {
  generate: (timestamp = Date.now()) => {
    if (!Number.isInteger(timestamp) || timestamp < 0) {
      throw new RangeError(
        `Cannot generate UUID as timestamp must be a non-negative integer: timestamp ${timestamp}`,
      );
    }
    return npm.v7({ msecs: timestamp });
  },
  validate: (id) => isVersion(id, 7),
  extractTimestamp: (uuid) => {
    if (!isVersion(uuid, 7)) {
      throw new TypeError(
        `Cannot extract timestamp because the UUID is not a valid UUIDv7: uuid is "${uuid}"`,
      );
    }
    return parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
  },
};
