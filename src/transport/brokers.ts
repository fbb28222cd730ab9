// Addresses of brokers.
import { isIPv6 } from "node:net";
import { type Check, listOf, refuse, show } from "../options/check.ts";
import { RpcError } from "../wire/errors.ts";

const DEFAULT_BROKER = "127.0.0.1:9092";
const EXAMPLES = 'Give "host:port", for example "127.0.0.1:9092" or "[::1]:9092".';

const anyAddresses = listOf<string>((value, name) => {
  const problem = addressProblem(value);
  if (problem === undefined) return (value as string).trim();
  return refuse(name, `${show(value)} ${problem}`, EXAMPLES);
}, '["127.0.0.1:9092"]');

/** A list of addresses, at least one. */
export const brokerAddresses: Check<string[]> = (value, name) => {
  const addresses = anyAddresses(value, name);
  if (addresses.length > 0) return addresses;
  return refuse(name, "the list is empty", 'Give at least one address, as in ["127.0.0.1:9092"].');
};

/**
 * Gives the bootstrap brokers, at least one `host:port`: the option, else KAFKA_BROKERS, else the
 * local default.
 *
 * @throws {RpcError} `invalid_argument` for a KAFKA_BROKERS that is no list of `host:port`,
 * `permission_denied` where it may not be read.
 */
export function brokerList(brokers: readonly string[] | undefined): readonly string[] {
  return brokers ?? environmentBrokers() ?? [DEFAULT_BROKER];
}

/** Where a broker listens, as people write it. */
export function addressText({ host, port }: { host: string; port: number }): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Takes `host:port` apart; an IPv6 address loses its brackets. */
export function brokerAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}

function environmentBrokers(): string[] | undefined {
  const text = variable();
  if (text === undefined || text.trim() === "") return undefined;
  const list = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  if (list.length === 0) throw wrongEnvironment("it is empty", EXAMPLES);
  for (const entry of list) {
    const problem = addressProblem(entry);
    if (problem === undefined) continue;
    throw wrongEnvironment(`${show(entry)} ${problem}`, `${EXAMPLES} Commas separate several.`);
  }
  return list;
}

/** Deno's own error would not say that the option does without the permission. */
function variable(): string | undefined {
  try {
    return Deno.env.get("KAFKA_BROKERS");
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    throw new RpcError(
      "permission_denied",
      "Cannot read the environment variable KAFKA_BROKERS: Requires env access. Grant " +
        "--allow-env=KAFKA_BROKERS, or give the option `brokers`.",
      { cause },
    );
  }
}

function wrongEnvironment(reason: string, advice: string): RpcError {
  const text = `Cannot use the environment variable KAFKA_BROKERS: ${reason}. ${advice}`;
  return new RpcError("invalid_argument", text);
}

/** Says what is wrong with an address; undefined where it is right. */
function addressProblem(entry: unknown): string | undefined {
  if (typeof entry !== "string") return "is no text";
  const address = entry.trim();
  if (address.includes("://")) return "is a URL, not host:port";
  if (isIPv6(address)) return "is an IPv6 address without brackets and port";
  const [, host = "", port] = /^(\[[^\]\s]*\]|[^\s:/,@[\]]+):(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined) return "is not host:port";
  if (host.startsWith("[") && !isIPv6(host.slice(1, -1))) return "has no IPv6 address in brackets";
  if (!(Number(port) >= 1 && Number(port) <= 65_535)) return "has a port that is not 1 to 65535";
  return undefined;
}
