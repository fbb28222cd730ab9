// Calls whose result may be fetched later, by another program too.
import type { CallHandler } from "../pipeline/call.ts";
import type { OutgoingRecord } from "../wire/record.ts";
import { requestDigest } from "../wire/digest.ts";
import { writeRequest } from "../wire/request.ts";
import type { CallHandle } from "./handles.ts";
import { sendUnawaited, type UnawaitedParts } from "./one_way.ts";
import { type ClientSigning, namesOf } from "./signing.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import type { ResultsStream } from "./results_stream.ts";

/** Milliseconds in which a server may begin a submitted call, where it says nothing else: a day. */
export const SUBMITTED_TTL_MS = 86_400_000;

export interface SubmissionParts extends UnawaitedParts {
  readonly results: Pick<ResultsStream, "topic" | "partition" | "offset">;
  readonly transport: { readonly clusterId?: string | undefined };
  /** Undefined where nothing is signed. */
  readonly signing: ClientSigning | undefined;
}

/** What stands at the end of the pipeline of submitted calls; it gives `call.submission` its handle. */
export function submit(parts: SubmissionParts): CallHandler<OutgoingCall> {
  const { results, transport, signing } = parts;
  return sendUnawaited(parts, (call, topic) => {
    const { id, command, expiresAt: deadline = call.deadline } = call;
    const handle: { -readonly [Name in keyof CallHandle]: CallHandle[Name] } = {
      version: 1,
      cluster: transport.clusterId,
      command,
      id,
      digest: requestDigest(call),
      topic,
      resultsTopic: results.topic,
      resultsPartition: results.partition,
      // Before the sending: the reply can't lie in front of what is there already.
      resultsOffset: Number(results.offset),
      deadline,
    };
    call.submission!.handle = handle;
    const replyTo = { replyTopic: results.topic, replyPartition: results.partition };
    const record = writeRequest(topic, { ...call, deadline }, replyTo);
    const onPlaced: OutgoingRecord["onPlaced"] = ({ partition, offset }, sent) => {
      handle.partition = partition;
      handle.offset = Number(offset);
      if (signing !== undefined) handle.requestNames = namesOf(sent);
    };
    return { ...record, onPlaced };
  });
}
