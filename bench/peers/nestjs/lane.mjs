/**
 * NestJS with its Kafka transport: a microservice and a ClientKafka in one process.
 *
 *     lane.mjs <broker> <topic> stock|tuned
 */
import "reflect-metadata";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ClientKafka, MessagePattern, Transport } from "@nestjs/microservices";
import { Partitioners } from "kafkajs";
import process from "node:process";
import { lastValueFrom } from "rxjs";
import { runLane } from "../node_lane.mjs";

const [broker, topic, tuning] = process.argv.slice(2);
const logLevel = 0; // nothing
const settings = (groupId) => ({
  client: { clientId: groupId, brokers: [broker], logLevel },
  consumer: { groupId },
  producer: { createPartitioner: Partitioners.DefaultPartitioner },
  subscribe: { fromBeginning: true },
  ...tuning === "tuned" ? { send: { acks: 1 } } : {},
});

class Adding {
  add(value) {
    return value.a + value.b;
  }
}
// What TypeScript's decorators do.
Controller()(Adding);
const method = Object.getOwnPropertyDescriptor(Adding.prototype, "add");
MessagePattern(topic)(Adding.prototype, "add", method);

class Service {}
Module({ controllers: [Adding] })(Service);

const service = await NestFactory.createMicroservice(Service, {
  transport: Transport.KAFKA,
  options: settings(`${topic}-servers`),
  logger: ["error"],
});
await service.listen();
const client = new ClientKafka(settings(`${topic}-client`));
client.subscribeToResponseOf(topic);
await client.connect();
await runLane(() => lastValueFrom(client.send(topic, { a: 1, b: 2 })));
