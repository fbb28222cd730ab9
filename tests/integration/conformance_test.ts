// The Kafka transport passes the same tests as the memory one (tests/transport/conformance_test.ts).
import { KafkaTransport } from "../../src/transport/kafkajs.ts";
import { conformance } from "../transport/conformance.ts";
import { transact } from "../transport/transactions.ts";

conformance({
  name: "kafka",
  transport: () => new KafkaTransport({}, { background: false }),
  transact: (topic, values, end) => transact(topic, values.map((value) => ({ value })), end),
});
