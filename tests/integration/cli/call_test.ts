// `rpc call` on a real broker: what it prints, and its exit codes.
import { assertEquals, assertMatch } from "@std/assert";
import { RpcError } from "../../../src/wire/errors.ts";
import { closedAddress } from "../../closed_address.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { Place } from "../place.ts";
import { rpc, values } from "./program.ts";

const commands = {
  add: ({ a, b }: { a: number; b: number }) => a + b,
  refuse: () => {
    throw new RpcError("out_of_range", "Cannot divide: the divisor is 0.");
  },
  publish: () => {
    const details = { topics: ["news"] };
    throw new RpcError("failed_precondition", "Cannot publish: no editor has seen it.", {
      details,
    });
  },
};

Deno.test("an operator calls commands", async (t) => {
  await using place = new Place();
  await place.serve({ commands });
  const at = ["--topic", place.topic];

  await t.step("the result of inline JSON is printed; exit code 0", async () => {
    const { code, stdout } = await rpc(["call", "add", '{"a":1,"b":2}', ...at]);
    assertEquals([code, stdout], [0, "3\n"]);
  });

  await t.step("the input may come from standard input", async () => {
    const { stdout } = await rpc(["call", "add", "-", ...at], { input: '{"a":2,"b":2}\n' });
    assertEquals(stdout, "4\n");
  });

  await t.step("the input may come from a file", async () => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, '{"a":2,"b":3}');
    const { stdout } = await rpc(["call", "add", `@${file}`, ...at]);
    await Deno.remove(file);
    assertEquals(stdout, "5\n");
  });

  await t.step("-v says where the time went, on standard error", async () => {
    const { stdout, stderr } = await rpc(["call", "add", '{"a":1,"b":2}', "-v", ...at]);
    const names = stderr.trim().split("\n").map((line) => line.slice(0, 20).trim());
    const all = [
      "id",
      "attempt",
      "sent",
      "took",
      "acknowledged after",
      "waited at the server",
      "ran",
    ];
    assertEquals([stdout, names.slice(0, 7)], ["3\n", all]);
  });

  await t.step("--json has the result and the receipt", async () => {
    const [value] = values(await rpc(["call", "add", '{"a":1,"b":2}', "--json", ...at]));
    const { ok, result, receipt } = value as {
      ok: boolean;
      result: number;
      receipt: { command: string };
    };
    assertEquals([ok, result, receipt.command], [true, 3, "add"]);
  });

  await t.step("a command that refuses: its code on standard error; exit code 1", async () => {
    const { code, stdout, stderr } = await rpc(["call", "refuse", ...at]);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /^out_of_range \(remote\): Cannot divide: the divisor is 0\.\nid [\w-]+\n$/,
    );
  });

  await t.step("a command that refuses because of topics of its own keeps its words", async () => {
    const { stderr } = await rpc(["call", "publish", "null", ...at]);
    assertMatch(stderr, /Cannot publish: no editor has seen it\./);
  });

  await t.step("brokers and topic may come from a profile", async () => {
    const brokers = Deno.env.get("KAFKA_BROKERS")?.split(",");
    const profiles = { here: { topic: place.topic, ...brokers && { brokers } } };
    await using files = await ScratchFolder.create({ "profiles.json": profiles });
    const file = ["--profiles", `${files.path}/profiles.json`];
    const { code, stdout } = await rpc(["call", "add", '{"a":3,"b":4}', ...file], {
      env: { KAFKA_BROKERS: "", KAFKA_RPC_PROFILE: "here" },
    });
    assertEquals([code, stdout], [0, "7\n"]);
  });

  await t.step("--count calls as often, and prints a summary", async () => {
    const ending = await rpc(["call", "add", '{"a":1,"b":2}', "--count", "20", "--json", ...at]);
    const [{ codes }] = values(ending) as [{ codes: unknown }];
    assertEquals([ending.code, codes], [0, { ok: 20 }]);
  });

  await t.step("one failed call of many: exit code 1", async () => {
    const ending = await rpc(["call", "refuse", "--count", "2", "--rate", "50", "--json", ...at]);
    const [{ codes }] = values(ending) as [{ codes: unknown }];
    assertEquals([ending.code, codes], [1, { out_of_range: 2 }]);
  });
});

Deno.test("input that is no JSON: exit code 2, and how text is written", async () => {
  const { code, stderr } = await rpc(["call", "add", "text"]);
  assertEquals([code, stderr.includes(`quotes of its own: '"text"'.`)], [2, true]);
});

Deno.test("a misspelt command of the program: exit code 2, and the one that was meant", async () => {
  const { code, stderr } = await rpc(["cal", "add"]);
  const text = 'Cannot run: there is no command "cal". Did you mean call?\n';
  assertEquals([code, stderr], [2, text]);
});

Deno.test("a missing name: exit code 2, and how it is written", async () => {
  const { code, stderr } = await rpc(["call"]);
  const text = "Cannot run call: something is missing. Write: rpc call NAME [INPUT]\n";
  assertEquals([code, stderr], [2, text]);
});

Deno.test("no broker: exit code 3", async () => {
  const brokers = closedAddress();
  const { code } = await rpc(["call", "add", "--brokers", brokers, "--connect-timeout", "300ms"]);
  assertEquals(code, 3);
});

Deno.test("no server: exit code 3, without waiting for the timeout", async () => {
  await using place = new Place();
  await place.createTopics({ commands: 1, results: 1 });
  const { code, stderr } = await rpc(["call", "add", "--topic", place.topic]);
  assertEquals([code, stderr.startsWith("unavailable (request):")], [3, true], stderr);
});

Deno.test("a topic that is not there is not created; exit code 1", async () => {
  const { code, stderr } = await rpc(["call", "add", "--topic", `test-${crypto.randomUUID()}`]);
  const advice = "Correct --topic, or create them by `rpc topics create`.";
  assertEquals([code, stderr.trim().endsWith(`not there. ${advice}`)], [1, true], stderr);
});
