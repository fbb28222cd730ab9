// A connection over a replayed socket: versions, order, answers that can't be read.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { openOver } from "../../../src/transport/kafka/library.ts";
import {
  type Api,
  type BrokerConnection,
  ConnectionFailed,
} from "../../../src/transport/kafka/port.ts";
import { capVersions, int32 } from "./frames.ts";
import { LIBRARIES } from "./libraries.ts";
import { ADDRESS } from "./play.ts";
import { ANY, recordedAnswer, recordedConnection, recordedLogin } from "./recorded.ts";
import { ReplayedBroker } from "./replayed_broker.ts";

/** An answer to ApiVersions, version 0. */
function versions(
  correlationId: number,
  error: number,
  ranges: readonly (readonly [key: number, lowest: number, highest: number])[],
): Uint8Array {
  const numbers = Buffer.alloc(2 * 3 * ranges.length);
  ranges.flat().forEach((number, index) => numbers.writeInt16BE(number, 2 * index));
  const code = Uint8Array.of(0, error);
  return Buffer.concat([int32(correlationId), code, int32(ranges.length), numbers]);
}

const API_AND_VERSION = 8;
/** Number and version of a request as it was written. */
const written = (request: Buffer): number[] => {
  return [request.readInt16BE(4), request.readInt16BE(6)];
};

const OTHERS: readonly (readonly [name: string, range: readonly [number, number], text: string])[] =
  [
    ["older", [0, 3], "has the request Metadata in versions 0 to 3, this package in 4 to 8"],
    ["newer", [9, 11], "has the request Metadata in versions 9 to 11, this package in 4 to 8"],
  ];
/** Turns of the event loop until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    await promise;
  }
}

for (const [name, library] of LIBRARIES) {
  const open = (
    answers: readonly Uint8Array[],
  ): { socket: ReplayedBroker; opening: Promise<BrokerConnection> } => {
    const socket = new ReplayedBroker({ answers });
    const { signal } = new AbortController();
    return {
      socket,
      opening: openOver(library, socket, { address: ADDRESS, clientId: "me", signal }),
    };
  };

  Deno.test(`${name}: a broker that lacks version 2 of ApiVersions is asked in version 0`, async () => {
    const { opening, socket } = open([versions(1, 35, []), versions(2, 0, [[3, 0, 5]])]);
    const connection = await opening;
    assertEquals(socket.requests.map(written), [[18, 2], [18, 0]]);
    const refused = assertRejects(() => connection.send("Fetch", ANY.Fetch), ConnectionFailed);
    assertEquals((await refused).kind, "unsupported");
    connection.close();
  });

  Deno.test(`${name}: a broker that has neither version of ApiVersions is not supported`, async () => {
    const { opening } = open([versions(1, 35, []), versions(2, 35, [])]);
    assertEquals((await assertRejects(() => opening, ConnectionFailed)).kind, "unsupported");
  });

  Deno.test(`${name}: a broker that refuses ApiVersions breaks the protocol`, async () => {
    const failure = await assertRejects(
      () => open([versions(1, 58, [])]).opening,
      ConnectionFailed,
    );
    assertEquals(failure.kind, "protocol");
  });

  for (const [highest, sent] of [[5, 5], [6, 6], [13, 8]] as const) {
    Deno.test(`${name}: Metadata goes out in version ${sent} where the broker's highest is ${highest}`, async () => {
      const [versions] = recordedLogin("none");
      const answers = [
        capVersions(versions!, new Map([[3, highest]])),
        recordedAnswer("Metadata", sent),
      ];
      const { opening, socket } = open(answers);
      const connection = await opening;
      await connection.send("Metadata", ANY.Metadata);
      assertEquals(written(socket.requests[1]!), [3, sent]);
      connection.close();
    });
  }

  for (const [what, [lowest, highest], text] of OTHERS) {
    Deno.test(`${name}: a broker whose versions are ${what} does not support a request, and says why`, async () => {
      const { opening, socket } = open([
        versions(1, 35, []),
        versions(2, 0, [[3, lowest, highest]]),
      ]);
      const connection = await opening;
      const sending = connection.send("Metadata", ANY.Metadata);
      const failure = await assertRejects(() => sending, ConnectionFailed, text);
      assertEquals([failure.kind, socket.requests.length, connection.isOpen], [
        "unsupported",
        2,
        true,
      ]);
      connection.close();
    });
  }

  Deno.test(`${name}: a request that the broker lacks is named`, async () => {
    const { opening } = open([versions(1, 35, []), versions(2, 0, [])]);
    const connection = await opening;
    const sending = connection.send("ConsumerGroupDescribe", ANY.ConsumerGroupDescribe);
    const text = "broker.test:9092 does not have the request ConsumerGroupDescribe";
    await assertRejects(() => sending, ConnectionFailed, text);
    connection.close();
  });

  Deno.test(`${name}: requests go out in the order of their calls, however long each is to encode`, async () => {
    const { opening, socket } = open(recordedLogin("none"));
    const connection = await opening;
    const value = new Uint8Array(100_000);
    const records = [{ topic: "t", key: null, value, headers: {} }];
    const partitions = [{ topic: "t", partition: 0, timestamp: 1, records }];
    const sent = [
      connection.send("Produce", { timeoutMs: 1, partitions }),
      connection.send("Metadata", ANY.Metadata),
      connection.send("Produce", { timeoutMs: 1, partitions }),
      connection.send("Heartbeat", ANY.Heartbeat),
    ];
    await until(() => socket.requests.length === 5);
    assertEquals(socket.requests.slice(1).map((request) => written(request)[0]), [0, 3, 0, 12]);
    connection.close();
    assertEquals((await Promise.allSettled(sent)).map(({ status }) => status), [
      ...Array.from({ length: 4 }, () => "rejected"),
    ]);
  });

  Deno.test(`${name}: a request that can't be encoded rejects by itself; those behind it go out`, async () => {
    const answers = recordedConnection("Metadata", 6);
    const { opening } = open(answers);
    const connection = await opening;
    const tooLong = connection.send("FindCoordinator", { group: "g".repeat(40_000) });
    const after = connection.send("Metadata", ANY.Metadata);
    await assertRejects(() => tooLong, RangeError);
    assertEquals((await after).topics.length, 2);
    connection.close();
  });

  Deno.test(`${name}: an answer that can't be read ends the connection, and names the request`, async () => {
    const [first, answer] = recordedConnection("Metadata", 6);
    const { opening, socket } = open([first!, answer!.subarray(0, 30)]);
    const connection = await opening;
    const failure = await assertRejects(
      () => connection.send("Metadata", ANY.Metadata),
      ConnectionFailed,
      "broker.test:9092 sent an answer to Metadata that can't be read: ",
    );
    assertEquals([failure.kind, await connection.ended === failure, socket.destroyed], [
      "protocol",
      true,
      true,
    ]);
  });

  Deno.test(`${name}: a closed connection refuses requests with the reason`, async () => {
    const connection = await open(recordedLogin("none")).opening;
    connection.close("replaced by another");
    const sending = connection.send("Metadata", ANY.Metadata);
    const failure = await assertRejects(() => sending, ConnectionFailed, "replaced by another");
    assertEquals([failure.kind, connection.isOpen], ["closed", false]);
  });

  Deno.test(`${name}: a record's headers go out as bytes or text, in Produce`, async () => {
    const { opening, socket } = open(recordedConnection("Produce" satisfies Api, 7));
    const connection = await opening;
    const headers = { text: "abc", bytes: Uint8Array.of(200, 201) };
    const key = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    const records = [{ topic: "t", key, value: Uint8Array.of(9), headers }];
    const partitions = [{ topic: "t", partition: 0, timestamp: 1, records }];
    await connection.send("Produce", { timeoutMs: 1, partitions });
    const hex = socket.requests[1]!.subarray(API_AND_VERSION).toString("hex");
    assertStringIncludes(hex, "04" + "0102" + "02" + "09");
    assertStringIncludes(hex, Buffer.from("bytes").toString("hex") + "04" + "c8c9");
    assertStringIncludes(hex, Buffer.from("text").toString("hex") + "06" + "616263");
    connection.close();
  });
}
