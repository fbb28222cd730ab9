// Connections whose credentials are replaced; the test plays the brokers and time.
import { assertEquals, assertRejects } from "@std/assert";
import { Credentials } from "../../../src/transport/kafka/credentials.ts";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { ManualClock } from "../../manual_clock.ts";
import { RecordingLogger } from "../../recording_logger.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { FakePort, metadata } from "./fake_port.ts";

const { signal } = new AbortController();
const ask = { topics: [] };
const PLAIN = { mechanism: "plain", username: "u" } as const;

/** A port whose password is in a file, with one connection that is open. */
async function opened(to: number | "any") {
  const files = await ScratchFolder.create({ "password": "old" });
  const logger = new RecordingLogger();
  const port = new FakePort(metadata(1));
  const password = { file: `${files.path}/password` };
  const credentials = new Credentials({ sasl: { ...PLAIN, password } }, logger);
  port.credentials = credentials;
  const lane = port.cluster(1).lane();
  const send = () => lane.send(to, "Metadata", ask, { signal });
  await send();
  const passwords = () => port.logins.map(({ sasl }) => (sasl as { password: string }).password);
  return {
    port,
    logger,
    send,
    passwords,
    replace: () => files.write({ "password": "newer" }),
    [Symbol.asyncDispose]: () => {
      credentials.close();
      return files[Symbol.asyncDispose]();
    },
  };
}

for (const to of [1, "any"] as const) {
  Deno.test(`a connection to ${to} is replaced when its password's file is, and no request waits`, async () => {
    using clock = new ManualClock();
    await using side = await opened(to);
    const earlier = side.port.connections.at(-1)!;
    const before = side.port.opens.items.length;
    await side.replace();
    await clock.advance(10_000);
    await side.send();
    await side.port.opens.at(before);
    await clock.advance(0);
    assertEquals([side.passwords().at(-1), earlier.isOpen], ["newer", false]);
  });

  Deno.test(`a connection to ${to} serves on while its new password is refused, which is logged`, async () => {
    using clock = new ManualClock();
    await using side = await opened(to);
    const earlier = side.port.connections.at(-1)!;
    await side.replace();
    await clock.advance(10_000);
    side.port.opening = () => Promise.reject(new ConnectionFailed("authentication", "b:1: no"));
    await side.send();
    const [line] = await side.logger.lines.first(1);
    await side.send();
    assertEquals(earlier.isOpen, true);
    assertEquals([line!.level, String(line!.fields["error"])], [
      "warn",
      "RpcError: Cannot connect to Kafka at b:1: no. Check `sasl`.",
    ]);
  });

  Deno.test(`new credentials to ${to} that were refused are tried again after 5 seconds`, async () => {
    using clock = new ManualClock();
    await using side = await opened(to);
    await side.replace();
    await clock.advance(10_000);
    side.port.opening = () => Promise.reject(new ConnectionFailed("authentication", "b:1: no"));
    await side.send();
    await side.logger.lines.first(1);
    const tried = side.port.opens.items.length;
    await clock.advance(4_900);
    await side.send();
    await clock.advance(0);
    assertEquals(side.port.opens.items.length, tried);
    await clock.advance(200);
    await side.send();
    await side.port.opens.at(tried);
  });
}

Deno.test("a first connection that is refused fails, as what the next credentials may cure", async () => {
  const port = new FakePort(metadata(1));
  port.credentials = new Credentials({
    sasl: () => ({ ...PLAIN, password: "p" }),
  }, new RecordingLogger());
  port.opening = () => Promise.reject(new ConnectionFailed("authentication", "no"));
  const lane = port.cluster(1).lane();
  const failure = await assertRejects(
    () => lane.send("any", "Metadata", ask, { signal }),
    ConnectionFailed,
    "no",
  );
  assertEquals(failure.mayPass, true);
});

Deno.test("what the network did to a first connection is no matter of credentials", async () => {
  const port = new FakePort(metadata(1));
  port.credentials = new Credentials({
    sasl: () => ({ ...PLAIN, password: "p" }),
  }, new RecordingLogger());
  port.opening = () => Promise.reject(new ConnectionFailed("network", "reset"));
  const lane = port.cluster(1).lane();
  const failure = await assertRejects(
    () => lane.send("any", "Metadata", ask, { signal }),
    ConnectionFailed,
    "reset",
  );
  assertEquals(failure.mayPass, false);
});
