// Offsets of the commands topic that cannot be read: counted, kept as dead letters, committed.
import { assertEquals } from "@std/assert";
import { serve, silentLogger } from "@kafka-rpc/deno";
import { MemoryBroker } from "@kafka-rpc/deno/memory";
import type { ConsumeOptions, PassedRecords } from "../../src/transport/transport.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";

const PASSED: PassedRecords = {
  topic: "commands",
  partition: 0,
  fromOffset: 0n,
  lastOffset: 4n,
  reason: "its codec (7) is not known",
};

/** A server whose transport passes records when the test says so. */
async function open(options: { deadLetters: boolean }) {
  const broker = new MemoryBroker();
  const transport = broker.transport();
  const consume = transport.consume.bind(transport);
  let consuming: ConsumeOptions | undefined;
  const commits = new Arrivals<bigint>();
  transport.consume = async (options: ConsumeOptions) => {
    consuming = options;
    const consumption = await consume(options);
    const commit = (offsets: ReadonlyMap<number, bigint>) => {
      commits.push(offsets.get(0)!);
      return Promise.resolve();
    };
    return Object.assign(consumption, { commit });
  };
  const held = Promise.withResolvers<void>();
  const produce = transport.produce.bind(transport);
  transport.produce = (record) => held.promise.then(() => produce(record));
  const commands = { ping: () => "pong" };
  const server = await serve({ commands, transport, logger: silentLogger, ...options });
  const pass = (passed: PassedRecords) => {
    consuming!.onUnreadable!(passed);
    consuming!.onPassed!(0, passed.lastOffset! + 1n);
  };
  const letters = new Arrivals<IncomingRecord>();
  const reader = broker.transport();
  if (options.deadLetters) {
    const onRecord = (record: IncomingRecord) => letters.push(record);
    await reader.read({ topic: "commands-dlt", partition: 0, onRecord });
  }
  const close = async () => {
    held.resolve();
    await server.close();
    await reader.close();
  };
  return { server, pass, letters, commits, held, [Symbol.asyncDispose]: close };
}

Deno.test("each record that cannot be read is counted as malformed", async () => {
  await using at = await open({ deadLetters: false });
  at.pass(PASSED);
  assertEquals([at.server.counts.received, at.server.counts.malformed], [5, 5]);
});

Deno.test("records that cannot be read are kept as one dead letter", async () => {
  await using at = await open({ deadLetters: true });
  at.held.resolve();
  at.pass(PASSED);
  const { headers } = await at.letters.at(0);
  const header = (name: string) => new TextDecoder().decode(headers.get(name));
  assertEquals([header("rpc-dlt-offset"), header("rpc-dlt-last-offset")], ["0", "4"]);
});

Deno.test("records that cannot be read are committed", async () => {
  await using at = await open({ deadLetters: false });
  at.pass(PASSED);
  assertEquals(await at.commits.at(0), 5n);
});

Deno.test("they are committed no sooner than their dead letter is there", async () => {
  await using at = await open({ deadLetters: true });
  at.pass(PASSED);
  const first = await at.commits.at(0);
  at.held.resolve();
  assertEquals([first, await at.commits.at(1)], [0n, 5n]);
});
