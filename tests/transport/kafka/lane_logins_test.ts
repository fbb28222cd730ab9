// Logins that a broker refuses while a connection is opened; the test plays the broker and time.
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { ManualClock } from "../../manual_clock.ts";
import { FakePort, metadata, never } from "./fake_port.ts";

for (
  const [name, sasl, opens] of [
    [
      "token",
      { mechanism: "oauthbearer", oauthBearerProvider: () => never<{ value: string }>() },
      2,
    ],
    ["password", { mechanism: "plain", username: "u", password: "p" }, 1],
  ] as const
) {
  Deno.test(`a ${name} that a broker refuses is sent ${opens === 1 ? "once" : "anew, once"}`, async () => {
    using clock = new ManualClock();
    const port = new FakePort(metadata(1));
    port.sasl = sasl;
    port.opening = () => Promise.reject(new ConnectionFailed("authentication", "refused"));
    const signal = new AbortController().signal;
    const sending = port.cluster(1).lane().send("any", "Metadata", { topics: [] }, { signal });
    const rejected = assertRejects(() => sending, ConnectionFailed, "refused");
    await clock.advance(900);
    await rejected;
    assertEquals(port.opens.items.length, opens);
  });
}
