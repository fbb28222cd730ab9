// Handles of calls that may outlive their caller.
import { type Check, listOf, text, wholeNumber } from "../options/check.ts";
import { required, shape } from "../options/shape.ts";
import { RpcError } from "../wire/errors.ts";
import type { ClientSettings } from "./options.ts";

/**
 * A call that was submitted, as plain JSON: keep it, and attach to the call from any program.
 *
 * @typeParam Name Name of the command.
 */
export interface CallHandle<Name extends string = string> {
  /** Version of the form of this handle. */
  readonly version: 1;
  /** Id of the cluster, where it has one. */
  readonly cluster?: string | undefined;
  /** The command that was called. */
  readonly command: Name;
  /** The correlation id. */
  readonly id: string;
  /** Digest of the request: the reply has the same one. */
  readonly digest: string;
  /** Topic of the request. */
  readonly topic: string;
  /** Partition of the request, where the transport tells. */
  readonly partition?: number | undefined;
  /** Offset of the request, where the transport tells. */
  readonly offset?: number | undefined;
  /** Of a client with `sign` or `verify`: what a signed reply names of its request. */
  readonly requestNames?: readonly string[] | undefined;
  /** Topic of the reply. */
  readonly resultsTopic: string;
  /** Partition of the reply. */
  readonly resultsPartition: number;
  /** The reply lies at this offset or behind it. */
  readonly resultsOffset: number;
  /** Unix milliseconds after which no server begins it. */
  readonly deadline: number;
}

const VERSION = 1;

const offset = wholeNumber({ from: 0, to: Number.MAX_SAFE_INTEGER });
const version: Check<1> = (value) => value as 1; // looked at before

const handleOption = shape<CallHandle>({
  version: required(version),
  cluster: text,
  command: required(text),
  id: required(text),
  digest: required(text),
  topic: required(text),
  partition: offset,
  offset,
  requestNames: listOf(text, '["name"]'),
  resultsTopic: required(text),
  resultsPartition: required(offset),
  resultsOffset: required(offset),
  deadline: required(offset),
}, { owner: "a handle", example: "what submit() gave" });

/** What a client knows of itself. */
interface Side {
  readonly settings: Pick<ClientSettings, "topic" | "resultsTopic" | "verify">;
  readonly clusterId: string | undefined;
}

/** A handle as it was given, checked: it may come from anywhere. Throws an RpcError. */
export function checkHandle(given: unknown, { settings, clusterId }: Side): CallHandle {
  const said = (Object(given) as { version?: unknown }).version;
  if (said !== undefined && said !== VERSION) {
    const known = `this client knows version ${VERSION}`;
    throw foreign(`its handle is of version ${String(said)}, ${known}. Update this program`);
  }
  const handle = handleOption(given, "handle");
  const { topic, resultsTopic, cluster } = handle;
  if (topic !== settings.topic || resultsTopic !== settings.resultsTopic) {
    throw foreign(
      `its topics are ${topic} and ${resultsTopic}, those of this client ${settings.topic} and ` +
        `${settings.resultsTopic}. Connect with \`topic\` and \`resultsTopic\` of the handle`,
    );
  }
  if (cluster !== undefined && clusterId !== undefined && cluster !== clusterId) {
    throw foreign(
      `it was made on the cluster ${cluster}, this client is connected to ${clusterId}. Connect ` +
        "to the brokers that it was submitted to",
    );
  }
  // No reply could be known as one to its request: to wait for it would be in vain.
  if (settings.verify !== undefined && handle.requestNames === undefined) {
    throw foreign(
      "its client had neither `sign` nor `verify`, and this one takes signed replies only. Submit " +
        "by a client with one of them, or attach by one without `verify`",
    );
  }
  return handle;
}

function foreign(reason: string): RpcError {
  return new RpcError("failed_precondition", `Cannot attach to the call: ${reason}.`);
}
