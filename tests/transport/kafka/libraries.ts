/**
 * The libraries that the port has an adapter for: what lies below it is tested with each.
 *
 * @module
 */
import { kafkajs } from "../../../src/transport/kafka/kafkajs/protocol.ts";
import type { Library } from "../../../src/transport/kafka/library.ts";
import { platformaticLibrary } from "../../../src/transport/kafka/platformatic/protocol.ts";

/** By the names of their packages. */
export const LIBRARIES: readonly (readonly [name: string, library: Library])[] = [
  ["kafkajs", kafkajs],
  ["@platformatic/kafka", platformaticLibrary],
];
