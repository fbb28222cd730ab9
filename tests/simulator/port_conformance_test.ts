// The simulated brokers pass the tests that a real one passes (tests/integration/port_conformance_test.ts).
import { portConformance, type PortUnderTest } from "../transport/kafka/port_conformance.ts";
import { CONTROL, endMarker, TRANSACTIONAL } from "./batch.ts";
import { World } from "./world.ts";

const TIMESTAMP = 1_700_000_000_000;

/** One broker leads and coordinates everything. */
function simulatedBroker(): Promise<PortUnderTest> {
  const world = new World(1, 1);
  const { network, cluster: { brokers: [bootstrap], topics } } = world;
  return Promise.resolve({
    protocol: network,
    bootstrap: bootstrap!,
    run: (test) => world.run(test),
    deleteTopic: (topic) => Promise.resolve(topics.delete(topic)),
    deleteRecords: (topic, before) => Promise.resolve(topics.log(topic, 0)!.deleteBefore(before)),
    async transaction(topic, end, whileOpen) {
      const log = topics.log(topic, 0)!;
      const record = { key: null, value: Uint8Array.of(118), headers: {} };
      log.append([record], TIMESTAMP, TRANSACTIONAL);
      await whileOpen();
      log.append([endMarker(end)], TIMESTAMP, TRANSACTIONAL | CONTROL);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(world[Symbol.dispose]()),
  });
}

portConformance("simulated", simulatedBroker);
