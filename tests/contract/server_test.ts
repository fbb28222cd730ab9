// Contracts where commands run: in process, in a worker and in a child process, over a broker in
// memory.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ServeOptions } from "../../src/server/options.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { Counter } from "../server/counter.ts";
import * as math from "./fixtures/math.ts";

const module = new URL("./fixtures/math.ts", import.meta.url);
const PLACES: readonly (readonly [string, ServeOptions])[] = [
  ["in process", { commands: { ...math } as never }],
  ["in a worker", { commands: module, isolation: "worker", concurrency: 1 }],
  ["in a child process", { commands: module, concurrency: 1, limits: { timeoutMs: 2_000 } }],
];

for (const [where, options] of PLACES) {
  Deno.test(`contracts ${where}`, async (t) => {
    const logger = new RecordingLogger();
    await using counter = await Counter.open({ ...options, logger });

    await t.step("the command gets what its schema makes of the input", async () => {
      assertEquals((await counter.ask("divide", { a: "6", b: 2 })).value, 3);
    });

    for (
      const [command, input, path] of [
        ["divide", { a: 1, b: "2" }, ["b"]],
        ["repeat", { text: "a", times: 4 }, ["times"]],
        ["greet", { name: "" }, ["name"]],
        ["later", "today", []],
      ] as const
    ) {
      await t.step(`an input that the schema of ${command} refuses is not run`, async () => {
        const { status, headers } = await counter.ask(command, input);
        const { details } = JSON.parse(headers["rpc-error"]!);
        assertEquals([status, details.issues[0].path], ["invalid_argument", path]);
      });
    }

    await t.step("an error of the contract has its details", async () => {
      const { status, headers } = await counter.ask("divide", { a: 1, b: 0 });
      const { details } = JSON.parse(headers["rpc-error"]!);
      assertEquals([status, details], ["out_of_range", { divisor: 0 }]);
    });

    await t.step("a result that its schema refuses is internal, and not shown", async () => {
      const { status, headers } = await counter.ask("broken");
      assertEquals([status, headers["rpc-error"]!.includes("secret")], ["internal", false]);
    });

    await t.step("the log says where such a result is wrong", () => {
      const line = logger.lines.items.find(({ message, fields }) =>
        message === "a command failed" && fields["command"] === "broken"
      );
      assertStringIncludes(String(line?.fields["error"]), "`secret[1]`");
    });

    await t.step("a schema that throws is a failure like any other", async () => {
      assertEquals((await counter.ask("throwing", "x")).status, "unknown");
    });

    await t.step("a command is ended after the time of its contract", async () => {
      assertEquals((await counter.ask("slow")).status, "deadline_exceeded");
    });

    await t.step("a function without a contract is a command", async () => {
      assertEquals((await counter.ask("plain", [1])).value, [1]);
    });

    if (where !== "in a child process") return;
    await t.step("a schema that never ends is ended with its sandbox", async () => {
      assertEquals((await counter.ask("hanging", "x")).status, "deadline_exceeded");
      assertEquals((await counter.ask("greet", { name: "Ada" })).value, "Hello Ada");
    });
  });
}
