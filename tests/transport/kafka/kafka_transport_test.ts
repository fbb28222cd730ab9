// What the Kafka transport does where there is no broker; with one, see tests/integration.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { KafkaTransport } from "../../../src/transport/kafka/kafka_transport.ts";
import { kafkajsProtocol as protocol } from "../../../src/transport/kafka/kafkajs/protocol.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { type LogLine, RecordingLogger } from "../../recording_logger.ts";
import { closedAddress } from "../../closed_address.ts";

const role = { background: false, protocol };

const open = (options: { logger?: RecordingLogger } = {}) => {
  const address = closedAddress();
  const transport = new KafkaTransport({ brokers: [address], ...options }, role);
  return { address, transport };
};

Deno.test("connect() rejects with unavailable where nothing listens", async () => {
  const { transport } = open();
  const error = await assertRejects(() => transport.connect({ timeoutMs: 300 }), RpcError);
  await transport.close();
  assertEquals(error.code, "unavailable");
});

Deno.test("the error of connect() names the address and what to do", async () => {
  const { transport, address } = open();
  const error = await assertRejects(() => transport.connect({ timeoutMs: 300 }), RpcError);
  await transport.close();
  assertStringIncludes(error.message, `Cannot connect to Kafka at ${address}: `);
  assertStringIncludes(error.message, "(tried for 300 ms). Start a broker there, or give");
});

Deno.test("the error of connect() names a wrong address once", async () => {
  const { transport, address } = open();
  const error = await assertRejects(() => transport.connect({ timeoutMs: 300 }), RpcError);
  await transport.close();
  assertEquals(error.message.split(address).length - 1, 1, error.message);
});

Deno.test("connect() rejects with the reason of its signal", async () => {
  const { transport } = open();
  const controller = new AbortController();
  const connecting = transport.connect({ signal: controller.signal, timeoutMs: Infinity });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => connecting, TypeError, "stop");
  await transport.close();
});

Deno.test("a first failed attempt to connect is logged at once, with address and error", async () => {
  const logger = new RecordingLogger();
  const { transport, address } = open({ logger });
  const controller = new AbortController();
  const connecting = transport.connect({ signal: controller.signal, timeoutMs: Infinity });
  const warned = (lines: readonly LogLine[]) => lines.some(({ level }) => level === "warn");
  await logger.lines.until(warned, "a warning");
  controller.abort();
  await assertRejects(() => connecting);
  await transport.close();
  const { message, fields } = logger.lines.items.find(({ level }) => level === "warn")!;
  assertEquals([message, fields["brokers"]], ["Kafka cannot be reached, trying again", address]);
  assertStringIncludes(String(fields["error"]), "ECONNREFUSED");
});

Deno.test("further failed attempts to connect are counted, not logged one by one", async () => {
  const logger = new RecordingLogger();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const brokers = [`127.0.0.1:${(listener.addr as Deno.NetAddr).port}`];
  const transport = new KafkaTransport({ brokers, logger }, role);
  const connecting = transport.connect({ timeoutMs: Infinity });
  const rejected = assertRejects(() => connecting, RpcError);
  // An attempt begins when the one before it has failed.
  for (let attempt = 1; attempt <= 5; attempt++) (await listener.accept()).close();
  await transport.close();
  await rejected;
  listener.close();
  const lines = logger.lines.items.filter(({ level }) => level === "warn");
  const [first, rest] = lines.map(({ fields }) => Number(fields["unreported"] ?? 0));
  assertEquals([lines.length, first, rest! >= 2], [2, 0, true]);
});

Deno.test("close() ends a connect() that waits without end", async () => {
  const { transport } = open();
  const connecting = transport.connect({ timeoutMs: Infinity });
  const rejected = assertRejects(() => connecting, RpcError, "the transport is closed");
  await transport.close();
  await rejected;
});

Deno.test("close() may be called before connect(), and again", async () => {
  const { transport } = open();
  await transport.close();
  assertEquals(await transport.close(), undefined);
});

Deno.test("a first join that fails for a moment is not worth a warning", async () => {
  const logger = new RecordingLogger();
  const { transport } = open({ logger });
  const joining = transport.consume({
    topic: "t",
    group: "g",
    timeoutMs: 500,
    ready: () => undefined,
    onRecord: () => {},
    onAssigned: () => {},
  });
  await assertRejects(() => joining, RpcError);
  await transport.close();
  assertEquals(logger.lines.items.filter(({ level }) => level === "warn"), []);
});

for (
  const [what, ssl, advice] of [
    ["hangs up on a plain client", undefined, "may want TLS"],
    ["does not speak TLS", true, "may not speak TLS"],
  ] as const
) {
  Deno.test(`connect() says what may be wrong with a listener that ${what}`, async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const hangingUp = (async () => {
      for await (const connection of listener) connection.close();
    })();
    const options = { brokers: [`127.0.0.1:${port}`], ssl };
    const transport = new KafkaTransport(options, role);
    await assertRejects(() => transport.connect({ timeoutMs: 2_000 }), RpcError, advice);
    await transport.close();
    listener.close();
    await hangingUp;
  });
}
