// Requests joined with their replies, and the lines of it.
import { assertEquals } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { FILTER_FLAGS, filterOf } from "../../src/cli/tail/filter.ts";
import { CallJoin, type SeenCall } from "../../src/cli/tail/join.ts";
import { callLine, headLine, layoutFor } from "../../src/cli/tail/lines.ts";
import { checkedInOrder } from "../../src/cli/tail/tail.ts";
import { AT, ID, reply, request } from "./records.ts";
import { KeptSink } from "./sink.ts";

function joined(act: (join: CallJoin) => void, { live = true } = {}): SeenCall[] {
  const calls: SeenCall[] = [];
  const join = new CallJoin((call) => calls.push(call));
  if (live) join.caughtUp();
  act(join);
  return calls;
}

const ANSWERED: SeenCall = {
  id: ID,
  command: "add",
  code: "ok",
  server: "server-1",
  at: AT,
  ms: 12,
  request: "commands[2]@7",
  reply: "commands_results[1]@9",
};

Deno.test("a request and its reply are one call", () => {
  const calls = joined((join) => {
    join.request(request(), AT);
    join.reply(reply(), AT + 12);
  });
  assertEquals(calls, [ANSWERED]);
});

Deno.test("a reply that is read before its request is joined with it", () => {
  const calls = joined((join) => {
    join.reply(reply(), AT);
    join.request(request(), AT);
  });
  assertEquals(calls, [ANSWERED]);
});

Deno.test("a reply whose request does not come is shown without a command", () => {
  const calls = joined((join) => {
    join.reply(reply(), AT);
    join.sweep(AT + 5_000);
  });
  assertEquals(calls.map(({ command, ms, code }) => [command, ms, code]), [[
    undefined,
    undefined,
    "ok",
  ]]);
});

Deno.test("a call without a reply is shown once its deadline has passed", () => {
  const calls = joined((join) => {
    join.request(request(), AT);
    join.sweep(AT + 29_000);
    join.sweep(AT + 32_000);
    join.sweep(AT + 33_000);
  });
  assertEquals(calls.map(({ code }) => code), ["no reply"]);
});

Deno.test("before all of earlier was read, what is missing of a call is waited for", () => {
  const late = AT + 3_600_000;
  const calls = joined((join) => {
    join.request(request(), late);
    join.sweep(late + 5_000);
    join.reply(reply(), late + 5_000);
  }, { live: false });
  assertEquals(calls, [ANSWERED]);
});

Deno.test("then a call without a reply is shown, whose deadline has passed", () => {
  const calls = joined((join) => {
    join.request(request(), AT);
    join.caughtUp();
    join.sweep(AT + 3_600_000);
  }, { live: false });
  assertEquals(calls.map(({ code }) => code), ["no reply"]);
});

Deno.test("a one-way call is shown at once", () => {
  const calls = joined((join) => join.request(request({ "rpc-reply": "none" }), AT));
  assertEquals(calls.map(({ code }) => code), ["one-way"]);
});

Deno.test("of a stream the last frame is the outcome", () => {
  const calls = joined((join) => {
    join.request(request({ "rpc-reply": "stream" }), AT);
    join.reply(reply({ "rpc-seq": "0", "rpc-more": "1" }), AT);
    join.reply(reply({ "rpc-seq": "1" }), AT);
  });
  assertEquals(calls, [ANSWERED]);
});

Deno.test("a forged reply is shown, and its call waits on", () => {
  const calls = joined((join) => {
    join.request(request(), AT);
    join.forged(reply());
    join.reply(reply(), AT + 12);
  });
  const { ms: _, request: __, ...forged } = { ...ANSWERED, code: "forged", at: AT + 12 };
  assertEquals(calls, [{ ...forged, ms: undefined, request: undefined }, ANSWERED]);
});

Deno.test("a later attempt is no call of its own", () => {
  const calls = joined((join) => {
    join.request(request(), AT);
    join.request(request({ "rpc-attempt": "2" }, 8n), AT);
    join.reply(reply(), AT);
  });
  assertEquals(calls, [ANSWERED]);
});

function lines(columns: number | undefined): string[] {
  const output = new KeptSink(columns).output();
  const layout = layoutFor(output.columns);
  const slow = {
    ...ANSWERED,
    code: "resource_exhausted",
    command: "recalculate_everything",
    ms: 1_234,
  };
  return [headLine(layout), callLine(layout, ANSWERED, output), callLine(layout, slow, output)];
}

Deno.test("calls at 80 columns: the whole id is there, for `trace`", () => {
  assertEquals(lines(80), [
    "time         took  code        command      id",
    `00:00:00    12 ms  ok          add          ${ID}`,
    `00:00:00    1.2 s  resource_…  recalculat…  ${ID}`,
  ]);
});

Deno.test("calls at 200 columns have the server and the milliseconds of the day", () => {
  const [, line = ""] = lines(200);
  assertEquals(line.replace(/ {2,}/g, " | "), `00:00:00.000 | 12 ms | ok | add | server-1 | ${ID}`);
});

Deno.test("a line at 200 columns is not longer", () => {
  assertEquals(Math.max(...lines(200).map(({ length }) => length)) <= 200, true);
});

const FAILED: SeenCall = {
  ...ANSWERED,
  command: "pay",
  code: "unknown",
  server: "server-2",
  ms: 900,
};
const UNANSWERED: SeenCall = { ...FAILED, code: "no reply", server: undefined, ms: undefined };
const ONE_WAY: SeenCall = { ...UNANSWERED, command: "log", code: "one-way" };

for (
  const [flags, shown] of [
    [[], [ANSWERED, FAILED, UNANSWERED, ONE_WAY]],
    [["--command", "add, log"], [ANSWERED, ONE_WAY]],
    [["--code", "no reply,ok"], [ANSWERED, UNANSWERED]],
    [["--failed"], [FAILED, UNANSWERED]],
    [["--server", "server-2"], [FAILED]],
    [["--slower-than", "200ms"], [FAILED]],
    [["--command", "pay", "--code", "unknown", "--server", "server-1"], []],
  ] as const
) {
  Deno.test(`of four calls ${flags.join(" ") || "no flag"} leaves ${shown.length}`, () => {
    const filter = filterOf(parseArguments([...flags], FILTER_FLAGS));
    assertEquals([ANSWERED, FAILED, UNANSWERED, ONE_WAY].filter(filter), [...shown]);
  });
}

Deno.test("replies that are still checked are joined before it is said that all was read", async () => {
  const calls: SeenCall[] = [];
  const join = new CallJoin((call) => calls.push(call));
  const checked = Promise.withResolvers<undefined>();
  const { take, settled } = checkedInOrder(() => checked.promise, join);
  join.request(request(), AT);
  take(reply());
  const caughtUp = settled().then(() => join.caughtUp());
  join.sweep(AT + 3_600_000);
  checked.resolve(undefined);
  await caughtUp;
  join.sweep(AT + 3_600_000);
  assertEquals(calls, [ANSWERED]);
});
