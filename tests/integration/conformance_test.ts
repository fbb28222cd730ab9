// The Kafka transport passes the same tests as the memory one (tests/transport/conformance_test.ts).
import { KafkaTransport } from "../../src/transport/kafkajs.ts";
import { conformance } from "../transport/conformance.ts";

conformance({ name: "kafka", transport: () => new KafkaTransport({}, { background: false }) });
