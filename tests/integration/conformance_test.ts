// The Kafka transport passes the same tests as the memory one (tests/transport/conformance_test.ts),
// with each library.
import { KafkaTransport } from "../../src/transport/kafka/kafka_transport.ts";
import { protocolOf } from "../../src/transport/kafka/library.ts";
import { conformance } from "../transport/conformance.ts";
import { LIBRARIES } from "../transport/kafka/libraries.ts";
import { transact } from "../transport/transactions.ts";

for (const [name, library] of LIBRARIES) {
  const role = { background: false, protocol: protocolOf(library) };
  conformance({
    name: `kafka by ${name}`,
    transport: () => new KafkaTransport({}, role),
    transact: (topic, values, end) => transact(topic, values.map((value) => ({ value })), end),
  });
}
