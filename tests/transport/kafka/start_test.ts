// What a start tries again, and what ends it.
import { assertEquals, assertRejects } from "@std/assert";
import { clock } from "../../../src/async/clock.ts";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { untilStarted } from "../../../src/transport/kafka/start.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { hurriedClock } from "../../clock.ts";

const closing = new AbortController().signal;
const refused = () => new ConnectionFailed("tls", "it refused the certificate");
const closed = () => new ConnectionFailed("network", "it closed the connection");

/** Tries for a minute what fails like this; gives the text of the end, and when it came. */
async function tried(failureAt: (milliseconds: number, attempt: number) => Error) {
  using _ = hurriedClock();
  const startedAt = clock.now();
  let attempt = 0;
  const failing = () => Promise.reject(failureAt(clock.now() - startedAt, attempt++));
  const options = { what: "start", closing, timeoutMs: 60_000 };
  const { message } = await assertRejects(() => untilStarted(failing, options), RpcError);
  return { reason: message.split(":")[1]!.split(/[.(]/)[0]!.trim(), ms: clock.now() - startedAt };
}

Deno.test("a start ends with a momentary refusal that lasts", async () => {
  const { reason, ms } = await tried(refused);
  assertEquals([reason, ms < 6_000], ["it refused the certificate", true]);
});

Deno.test("a start ends with a refusal of which only the close arrives now and then", async () => {
  const { reason, ms } = await tried((_, attempt) => attempt % 3 === 2 ? closed() : refused());
  assertEquals([reason, ms < 6_500], ["it refused the certificate", true]);
});

Deno.test("a refusal before and after an outage is not one that lasts", async () => {
  const { ms } = await tried((ms) => ms > 1_000 && ms < 20_000 ? closed() : refused());
  assertEquals(ms >= 25_000, true);
});

Deno.test("an outage ends a start when its time is over", async () => {
  const { reason, ms } = await tried(closed);
  assertEquals([reason, ms > 59_000], ["it closed the connection", true]);
});
