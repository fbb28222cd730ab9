/**
 * NestJS over its own Kafka transport, which is kafkajs.
 *
 * @module
 */
import { installNode, nodeProgram } from "./node.ts";
import type { Peer, PeerLane } from "./peer.ts";
import manifest from "./nestjs/package.json" with { type: "json" };

const FOLDER = new URL("./nestjs/", import.meta.url);
const TUNINGS = { stock: "no linger, acks all", tuned: "no linger, acks 1" };

/** A microservice and a ClientKafka. */
export const nestjs: Peer = async ({ brokers, signal }) => {
  const node = await installNode(FOLDER, signal);
  const lanes = Object.entries(TUNINGS).map(([tuning, settings]): PeerLane => ({
    name: `NestJS, ${tuning}`,
    settings,
    repliesTopic: (topic) => `${topic}.reply`,
    program: (topic) => nodeProgram(FOLDER, [brokers.join(","), topic, tuning]),
  }));
  const name = "@nestjs/microservices";
  return { versions: { Node: node, [name]: manifest.dependencies[name] }, lanes };
};
