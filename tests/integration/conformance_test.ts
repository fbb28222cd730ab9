// The Kafka transport passes the same tests as the memory one (tests/transport/conformance_test.ts).
import { KafkaTransport } from "../../src/transport/kafka/kafka_transport.ts";
import { kafkajsProtocol } from "../../src/transport/kafka/kafkajs/protocol.ts";
import { conformance } from "../transport/conformance.ts";
import { transact } from "../transport/transactions.ts";

conformance({
  name: "kafka",
  transport: () => new KafkaTransport({}, { background: false, protocol: kafkajsProtocol }),
  transact: (topic, values, end) => transact(topic, values.map((value) => ({ value })), end),
});
