// A library in place of the built-in one: what a user holds of it, and what it stands for.
import type { KafkaProtocol } from "./port.ts";

/** A Kafka library that is loaded, for example by `@kafka-rpc/deno/platformatic`. */
export interface KafkaLibrary {
  /** Name and version of its package. */
  readonly name: string;
}

/** The port is not public: what users hold says a name only. */
const protocols = new WeakMap<KafkaLibrary, KafkaProtocol>();

export function kafkaLibrary(name: string, protocol: KafkaProtocol): KafkaLibrary {
  const library = Object.freeze({ name });
  protocols.set(library, protocol);
  return library;
}

/** Gives undefined for what `kafkaLibrary` has not made. */
export function protocolBehind(library: unknown): KafkaProtocol | undefined {
  return protocols.get(library as KafkaLibrary);
}
