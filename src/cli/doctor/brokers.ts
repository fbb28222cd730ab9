// Whether the brokers can be reached as they say: address, TLS, login, requests.
import { addressText } from "../../transport/brokers.ts";
import type { ClusterAdmin } from "../../transport/kafka/admin/cluster_admin.ts";
import { asRpcError } from "../../transport/kafka/errors.ts";
import { kafkajs } from "../../transport/kafka/kafkajs/protocol.ts";
import type { LibraryConnection } from "../../transport/kafka/library_connection.ts";
import type { BrokerAddress } from "../../transport/kafka/port.ts";
import { commonVersion } from "../../transport/kafka/versions.ts";
import type { Connection } from "../connection.ts";
import { duration } from "../layout.ts";
import type { Check } from "./check.ts";

/** Longest wait for one broker. */
const OPEN_MS = 2_000;

/** Groups of KIP-848 are looked for where brokers know of them. */
const OPTIONAL: ReadonlySet<string> = new Set(["ConsumerGroupDescribe"]);

/** What came of trying a broker. */
export interface TriedBroker extends Check {
  readonly address: BrokerAddress;
  /** Why it could not be reached. */
  readonly failure?: unknown;
}

/** Whether one of the brokers was reached by the name that the cluster gives it: clients go there. */
export function isOneReached(
  advertised: readonly BrokerAddress[],
  tried: readonly Pick<TriedBroker, "address" | "failure">[],
): boolean {
  const reached = tried.filter(({ failure }) => failure === undefined);
  const names = new Set(reached.map(({ address }) => addressText(address)));
  return advertised.some((address) => names.has(addressText(address)));
}

/** Tries a broker. `advertised`: it was named by another one, not by the user. */
export async function checkBroker(
  admin: ClusterAdmin,
  address: BrokerAddress,
  { options }: Connection,
  { advertised = false, signal }: { readonly advertised?: boolean; readonly signal: AbortSignal },
): Promise<TriedBroker> {
  const name = `broker ${addressText(address)}`;
  const began = performance.now();
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]);
    const connection = await admin.open(address, within);
    const took = duration(performance.now() - began);
    const missing = missingRequests(connection);
    const security = [
      options.ssl ? "TLS" : "no TLS",
      typeof options.sasl !== "object"
        ? "no login"
        : `${options.sasl.mechanism} as ${userOf(options)}`,
    ].join(", ");
    if (missing.length === 0) {
      return { name, address, status: "ok", says: `reached in ${took}; ${security}` };
    }
    return {
      name,
      address,
      status: "failed",
      says: `reached in ${took}; it lacks the requests ${missing.join(", ")}`,
      advice: "Use a broker of Kafka 0.11 or newer.",
    };
  } catch (failure) {
    if (signal.aborted) throw failure;
    const { message } = asRpcError(
      failure instanceof DOMException ? new Error(`no answer in ${OPEN_MS} ms`) : failure,
      `reach ${addressText(address)}`,
    );
    const [says, advice] = adviceOf(message);
    if (!advertised) return { name, address, status: "failed", says, advice, failure };
    const listener =
      "It is what the cluster calls this broker (`advertised.listeners`): that name " +
      "and port must be reachable from here.";
    return { name, address, status: "failed", says, advice: `${listener} ${advice}`, failure };
  }
}

/** An error is one text; here, what was found and what to do stand on lines of their own. */
export function adviceOf(message: string): [says: string, advice: string] {
  const [, says = message, advice = ""] = /^(?:Cannot [^:]+(?::\d+)?: )?(.*?\.)(?= |$)(.*)$/s
    .exec(message) ?? [];
  return [says.replace(/\.$/, ""), advice.trim()];
}

function missingRequests(connection: LibraryConnection): string[] {
  return Object.entries(kafkajs.requests).flatMap(([name, request]) => {
    if (OPTIONAL.has(name)) return [];
    try {
      commonVersion(connection.versions, { name, ...request }, connection.address);
      return [];
    } catch {
      return [name]; // listed in the check
    }
  });
}

function userOf({ sasl }: Connection["options"]): string {
  return sasl !== undefined && "username" in sasl ? sasl.username : "a token";
}
