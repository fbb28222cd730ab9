// The adapters on a real broker; a simulated one passes the same tests.
import { Kafka, logLevel, Partitioners } from "../../tools/quiet_kafkajs.ts";
import { brokerList } from "../../src/transport/brokers.ts";
import { type Library, protocolOf } from "../../src/transport/kafka/library.ts";
import { LIBRARIES } from "../transport/kafka/libraries.ts";
import { portConformance, type PortUnderTest } from "../transport/kafka/port_conformance.ts";

const [broker] = brokerList(undefined);
const colon = broker!.lastIndexOf(":");
const kafka = new Kafka({ brokers: [broker!], logLevel: logLevel.NOTHING });

/** The cluster of the test run, and kafkajs' own client for what RPC never does. */
async function realBroker(library: Library): Promise<PortUnderTest> {
  const admin = kafka.admin();
  await admin.connect();
  return {
    protocol: protocolOf(library),
    bootstrap: { host: broker!.slice(0, colon), port: Number(broker!.slice(colon + 1)) },
    run: (test) => test,
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async deleteRecords(topic, before) {
      // It deletes only where it has loaded the leaders, and this loads them.
      await admin.fetchTopicOffsets(topic);
      const partitions = [{ partition: 0, offset: String(before) }];
      await admin.deleteTopicRecords({ topic, partitions });
    },
    async transaction(topic, end, whileOpen) {
      const transactionalId = crypto.randomUUID();
      const createPartitioner = Partitioners.DefaultPartitioner;
      const producer = kafka.producer({ transactionalId, createPartitioner });
      await producer.connect();
      try {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ partition: 0, value: "v" }] });
        await whileOpen();
        await transaction[end]();
      } finally {
        await producer.disconnect();
      }
    },
    [Symbol.asyncDispose]: () => admin.disconnect(),
  };
}

for (const [name, library] of LIBRARIES) {
  portConformance(`${name} on a broker`, () => realBroker(library));
}
