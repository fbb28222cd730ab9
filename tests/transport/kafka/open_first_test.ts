// Which broker a connection leads to, where several may answer.
import { assertRejects } from "@std/assert";
import { openFirst } from "../../../src/transport/kafka/open_first.ts";
import { Patience } from "../../../src/transport/kafka/patience.ts";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { hurriedClock } from "../../clock.ts";

Deno.test("brokers that do not answer are named as people write their addresses", async () => {
  using _ = hurriedClock();
  const addresses = [{ host: "::1", port: 9092 }, { host: "kafka", port: 9093 }];
  const options = {
    open: () => new Promise<never>(() => {}),
    signal: new AbortController().signal,
    staggerMs: 100,
    patience: new Patience(1_000, 1_000),
  };
  const opening = () => openFirst(addresses, options);
  await assertRejects(opening, ConnectionFailed, "[::1]:9092, kafka:9093: no answer within");
});
