/**
 * Kafka by [`@platformatic/kafka`](https://github.com/platformatic/kafka), a library that is
 * maintained, in place of the built-in kafkajs. It encodes, decodes and authenticates; what is done
 * when something fails is the same with both. Only programs that import this install it.
 *
 * @example
 * ```ts
 * import { connect } from "@kafka-rpc/deno";
 * import { platformatic } from "@kafka-rpc/deno/platformatic";
 *
 * export async function main(): Promise<void> {
 *   await using client = await connect({ library: await platformatic() });
 *   console.log(await client.call("add", { a: 1, b: 2 }));
 * }
 * ```
 *
 * @module
 */
import { atCallSite } from "../../../wire/call_site.ts";
import { RpcError } from "../../../wire/errors.ts";
import { type KafkaLibrary, kafkaLibrary } from "../kafka_library.ts";

export type { KafkaLibrary } from "../kafka_library.ts";

const NAME = "@platformatic/kafka 2.12.1";
const PERMISSIONS =
  "Grant `--allow-env` and `--allow-read` of Deno's package cache, which it needs as it starts.";
const INSTALL =
  "Install it with `deno add npm:@platformatic/kafka@2.12.1`, or leave `library` out.";

/**
 * Loads the library, for the option `library` of `connect()` and `serve()`.
 *
 * @return The library. Every client and server of a program may use the same one.
 * @throws {RpcError} `failed_precondition` where the package is not installed or can't be loaded;
 * `permission_denied` where Deno may not read what it loads.
 * @example
 * ```ts
 * import { serve } from "@kafka-rpc/deno";
 * import { platformatic } from "@kafka-rpc/deno/platformatic";
 *
 * export async function main(): Promise<void> {
 *   const commands = { add: ({ a, b }: { a: number; b: number }) => a + b };
 *   await using server = await serve({ commands, library: await platformatic() });
 *   await server.finished;
 * }
 * ```
 */
export function platformatic(): Promise<KafkaLibrary> {
  return atCallSite(platformatic, load, () => true);
}

async function load(): Promise<KafkaLibrary> {
  try {
    const { platformaticProtocol } = await import("./protocol.ts");
    return kafkaLibrary(NAME, platformaticProtocol);
  } catch (cause) {
    throw loadingFailure(cause as Error);
  }
}

/** Says what to do about a library that can't be loaded. */
export function loadingFailure(cause: Error): RpcError {
  const denied = cause instanceof Deno.errors.NotCapable;
  const reason = cause.message.split("\n", 1)[0]!.replace(/\.$/, "");
  const advice = denied ? PERMISSIONS : INSTALL;
  const text = `Cannot load @platformatic/kafka: ${reason}. ${advice}`;
  return new RpcError(denied ? "permission_denied" : "failed_precondition", text, { cause });
}
