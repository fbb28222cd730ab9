// The request that carries records: what a broker before Kafka 2.1 is not sent, and its room.
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Compression } from "../../../src/transport/connection_options.ts";
import { asRpcError } from "../../../src/transport/kafka/errors.ts";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { LIBRARIES } from "./libraries.ts";

const RECORD = { topic: "t", key: null, value: new Uint8Array(2_000), headers: {} };

for (const [name, { requests: { Produce } }] of LIBRARIES) {
  const encode = (version: number, compression: Compression) => {
    const batch = { topic: "t", partition: 0, timestamp: 1, records: [RECORD], compression };
    return Produce.encode({ timeoutMs: 1, partitions: [batch] }, version);
  };

  Deno.test(`${name}: a broker before Kafka 2.1 is sent no zstd`, () => {
    const failure = assertThrows(() => encode(6, "zstd"), ConnectionFailed);
    const { code, message } = asRpcError(failure, "send to t");
    assertEquals([code, message.includes("`gzip` or `none`")], ["unimplemented", true]);
  });

  Deno.test(`${name}: a broker of Kafka 2.1 is sent zstd`, async () => {
    assert((await encode(7, "zstd")).length < 1_000);
  });

  Deno.test(`${name}: a broker before Kafka 2.1 is sent gzip`, async () => {
    assert((await encode(6, "gzip")).length < 1_000);
  });

  Deno.test(`${name}: a request of many partitions is written without copying it once more`, async () => {
    const partitions = Array.from({ length: 100 }, (_, partition) => {
      return {
        topic: "t",
        partition,
        timestamp: 1,
        records: [RECORD],
        compression: "none" as const,
      };
    });
    const { byteLength, buffer } = await Produce.encode({ timeoutMs: 1, partitions }, 7);
    assert(buffer.byteLength < 1.5 * byteLength);
  });
}
