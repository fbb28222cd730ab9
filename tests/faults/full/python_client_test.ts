// The client in Python that docs/protocol.md has, against the server of the examples.
import { assertEquals } from "@std/assert";
import { fileURLToPath as fromFileUrl } from "node:url";
import { serve, silentLogger } from "../../../mod.ts";
import { LIBRDKAFKA } from "../../../tools/kafka/foreign/librdkafka.ts";
import { fromPyPI, PYTHON } from "../../../tools/kafka/foreign/pypi.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { ScratchFolder } from "../../scratch_folder.ts";

const PAGE = await Deno.readTextFile(new URL("../../../docs/protocol.md", import.meta.url));

Deno.test("the client in Python of docs/protocol.md prints what the page says", async () => {
  const [, section = ""] = PAGE.split("## A client in Python");
  const [, program = ""] = /```python\n([^]*?)```/.exec(section)!;
  const [, printed = ""] = /It prints (.*?) with/.exec(section)!;
  await using cluster = await startCluster({ nodes: 1 });
  const { brokers } = cluster;
  await using _server = await serve({
    brokers,
    commands: new URL("../../../examples/commands.ts", import.meta.url),
    evaluate: true,
    logger: silentLogger,
  });
  await using files = await ScratchFolder.create({
    "client.py": program.replace('"127.0.0.1:9092"', JSON.stringify(brokers.join())),
  });
  const { stdout, stderr } = await new Deno.Command(PYTHON, {
    args: [fromFileUrl(files.url("client.py"))],
    env: { PYTHONPATH: await fromPyPI(LIBRDKAFKA) },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const expected = [...printed.matchAll(/`(.*?)`/g)].map(([, line]) => line);
  assertEquals(text(stdout).trim().split("\n"), expected, text(stderr));
});
