import { assertEquals, assertThrows } from "@std/assert";
import { silentLogger } from "../../src/logging/logger.ts";
import type { CallHandler } from "../../src/pipeline/call.ts";
import { noCounts } from "../../src/server/counts.ts";
import type { IncomingCall } from "../../src/server/incoming_call.ts";
import { ReplySender } from "../../src/server/reply_sender.ts";
import { RequestHandler } from "../../src/server/request_handler.ts";
import { ProduceRetries } from "../../src/transport/produce_retries.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { policiesOf } from "./policies/policies_of.ts";
import { recordOf } from "../wire/record_of.ts";

/** A handler of plain expressions with this pipeline. */
function handlerWith(pipeline: CallHandler<IncomingCall>): RequestHandler {
  const transport = new MemoryBroker().transport();
  const resultsTopic = "commands_results";
  return new RequestHandler({
    settings: { resultsTopic, limits: { timeoutMs: 1_000 } as never },
    policies: policiesOf(),
    pipeline,
    deadLetters: undefined,
    logger: silentLogger,
    counts: noCounts(),
    onBegun: () => {},
    replies: new ReplySender({
      sending: new ProduceRetries(transport, { background: true }),
      transport,
      resultsTopic,
      replyTopics: new Set([resultsTopic]),
      server: "s",
      sendStacks: false,
      logger: silentLogger,
      signal: new AbortController().signal,
      mayWait: () => true,
    }),
  });
}

Deno.test("a call whose pipeline throws is not in flight any more: a stop does not abort it", () => {
  const seen: IncomingCall[] = [];
  using handler = handlerWith((call) => {
    seen.push(call);
    throw new TypeError("a mistake in a policy");
  });
  assertThrows(() => handler.handle(recordOf({ value: "1" })), TypeError, "a mistake in a policy");
  handler.stop(new RpcError("unavailable", "stopped"));
  assertEquals(seen.map(({ signal }) => signal.aborted), [false]);
});
