/**
 * Topics as long as those of a busy service, for what searches them.
 *
 * @module
 */
import { clock } from "../../src/async/clock.ts";
import { serviceNames } from "../../src/options/topics.ts";
import { KafkaTransport } from "../../src/transport/kafka/kafka_transport.ts";
import { kafkajsProtocol } from "../../src/transport/kafka/kafkajs/protocol.ts";
import { JSON_TYPE } from "../../src/wire/headers.ts";
import { utf8 } from "../../src/wire/utf8.ts";
import { writeReply } from "../../src/wire/reply.ts";
import { writeRequest } from "../../src/wire/request.ts";
import { newTopic, type Place, RAW_PARTITIONS } from "../lanes/start_lanes.ts";

/** Calls that are written at a time. */
const AT_ONCE = 5_000;
const WITHIN_MS = 30_000;

/** Where the records are, and of which calls. */
export interface LongTopics {
  /** The topic of the requests. */
  readonly topic: string;
  /** Id of a call in the middle, as clients make them: it says its time. */
  readonly middle: string;
  /** Id of the last call, of a foreign form: it says nothing. */
  readonly last: string;
}

/** Writes requests, and the reply of each, as if calls had been made. */
export async function writeLongTopics(calls: number, place: Place): Promise<LongTopics> {
  const topic = await newTopic(place);
  const { resultsTopic: replyTopic, controlTopic } = serviceNames({ topic });
  const last = "order-7";
  let middle = "";
  const options = { brokers: [...place.brokers] };
  await using transport = new KafkaTransport(options, {
    background: false,
    protocol: kafkajsProtocol,
  });
  await transport.connect({ signal: place.signal, timeoutMs: WITHIN_MS });
  const { commands, results } = RAW_PARTITIONS;
  await transport.ensureTopics([
    { topic, partitions: commands },
    { topic: replyTopic, partitions: results },
    { topic: controlTopic },
  ], { create: true, signal: place.signal, timeoutMs: WITHIN_MS });
  const input = { bytes: utf8('{"a":1,"b":2}'), contentType: JSON_TYPE };
  const outcome = { ok: true, output: { bytes: utf8("3"), contentType: JSON_TYPE } } as const;
  const writeCall = (id: string) => {
    const deadline = Date.now() + WITHIN_MS;
    const [attempt, metadata, replyPartition] = [1, {}, 0];
    const request = { id, command: "add", input, attempt, metadata, deadline };
    const address = { topic: replyTopic, partition: replyPartition, key: utf8(id), id };
    return [
      transport.produce(writeRequest(topic, request, { replyTopic, replyPartition })),
      transport.produce(writeReply(address, outcome, { server: "bench" })),
    ];
  };
  for (let written = 0; written < calls; written += AT_ONCE) {
    place.signal.throwIfAborted();
    const ids = Array.from({ length: Math.min(AT_ONCE, calls - written) }, () => clock.id());
    if (written + AT_ONCE >= calls) ids[ids.length - 1] = last;
    if (written <= calls / 2) middle = ids[0]!;
    await Promise.all(ids.flatMap(writeCall));
  }
  return { topic, middle, last };
}
