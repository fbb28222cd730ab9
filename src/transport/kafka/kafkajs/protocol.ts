// The Kafka protocol by means of kafkajs, which encodes and authenticates.
import { type Library, protocolOf } from "../library.ts";
import type { KafkaProtocol } from "../port.ts";
import { DECODERS } from "./answers.ts";
import { REQUESTS } from "./requests.ts";

export const kafkajs: Library = {
  requests: REQUESTS,
  decoders: DECODERS,
  // Only those who use SASL load it.
  mechanisms: async () => (await import("./authenticators.ts")).MECHANISMS,
};

export const kafkajsProtocol: KafkaProtocol = protocolOf(kafkajs);
