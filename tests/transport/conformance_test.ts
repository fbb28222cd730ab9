// The memory transport passes the same tests as the Kafka one (tests/integration/conformance_test.ts).
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { conformance } from "./conformance.ts";

const broker = new MemoryBroker();
conformance({ name: "memory", transport: () => broker.transport() });
