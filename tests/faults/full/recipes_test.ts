// What the pages make of other packages, with these packages at the versions that the pages name.
import { assertEquals, assertMatch } from "@std/assert";
import { createHash, createHmac } from "node:crypto";
import { fromPyPI, PYTHON } from "../../../tools/kafka/foreign/pypi.ts";
import { Metrics } from "../../../src/telemetry/metrics.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { callOf } from "../../pipeline/call_of.ts";
import { ScratchFolder } from "../../scratch_folder.ts";

const pageOf = (name: string) =>
  Deno.readTextFileSync(new URL(`../../../docs/${name}.md`, import.meta.url));

/** The code of a page that has a text in it. */
function recipe(page: string, text: string): string {
  const all = [...page.matchAll(/```ts ignore\n([^]*?)```/g)].map(([, code]) => code!);
  return all.find((code) => code.includes(text))!;
}

/** Runs a program in a folder of its own, and gives what it printed. */
async function printedBy(program: string, env: Record<string, string> = {}): Promise<string> {
  await using files = await ScratchFolder.create({ "recipe.js": program });
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-config", files.url("recipe.js").href],
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(code, 0, text(stderr));
  return text(stdout);
}

const FAILURE = new RpcError("data_loss", "no");

const LOG = pageOf("log");
const LINE = 'logger.warn("a {text}", { id: "1", error: new RangeError("no") });';

Deno.test("pino writes level, text, fields and the error by the adapter of the page", async () => {
  const [, version] = /pino\S* run with ([\d.]+\d)/.exec(LOG)!;
  const lines = [`import pino from "npm:pino@${version}";`, recipe(LOG, "pino("), LINE];
  const { level, msg, id, error } = JSON.parse(await printedBy(lines.join("\n")));
  assertEquals([level, msg, id, error.message], [40, "a {text}", "1", "no"]);
});

Deno.test("LogTape writes level, text and fields by the adapter of the page", async () => {
  const [, version] = /logtape\S* run with ([\d.]+\d)/.exec(LOG)!;
  const program = `import { configure, getLogger } from "npm:@logtape/logtape@${version}";
    const out = ({ level, message, properties: { id, error } }) =>
      console.log(JSON.stringify([level, message.join(""), id, error.message]));
    await configure({
      sinks: { out },
      loggers: [
        { category: "kafka-rpc", sinks: ["out"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    });
    ${recipe(LOG, "getLogger(")}
    ${LINE}`;
  assertEquals(JSON.parse(await printedBy(program)), ["warning", "a {text}", "1", "no"]);
});

Deno.test("Prometheus' own parser for Python reads the metrics", async () => {
  const metrics = new Metrics();
  const next = metrics.client(() => Promise.resolve({ ok: false, failure: FAILURE }));
  await next(callOf({ command: 'a "quoted"\\ name' }));
  const program = `import sys
from prometheus_client.parser import text_string_to_metric_families as families
print([family.type for family in families(sys.argv[1])].count("histogram"))
print([s.labels["code"] for family in families(sys.argv[1]) for s in family.samples
       if s.name.endswith("client_call_duration_seconds_count")])`;
  const { stdout, stderr } = await new Deno.Command(PYTHON, {
    args: ["-c", program, await metrics.registry.metrics()],
    env: { PYTHONPATH: await fromPyPI("prometheus-client==0.26.0") },
  }).output();
  const [printed, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(printed, "2\n['data_loss']\n", errors);
});

const SECRET = "example-secret";
const hmac = (key: string | Uint8Array, text: string) =>
  createHmac("sha256", key).update(text).digest();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** As MSK checks it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf({ host, searchParams }: URL): string {
  const signed = [...searchParams].filter(([name]) => /^(Action|X-Amz-(?!Signature))/.test(name));
  const query = signed.sort(([a], [b]) => a < b ? -1 : 1)
    .map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  const request = ["GET", "/", query, `host:${host}`, "", "host", sha256("")].join("\n");
  const [, ...scope] = searchParams.get("X-Amz-Credential")!.split("/");
  const date = searchParams.get("X-Amz-Date")!;
  const text = ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(request)].join("\n");
  const key = scope.reduce<string | Uint8Array>(hmac, `AWS4${SECRET}`);
  return hmac(key, text).toString("hex");
}

Deno.test("the recipe for MSK signs a token as MSK checks it, good for 15 minutes", async () => {
  const code = recipe(pageOf("credentials"), "aws-msk-iam-sasl-signer-js")
    .replace(/^import .*@kafka-rpc.*$/m, "")
    .replace("const client = await connect(", "const options = (");
  const print = "console.log((await options.sasl.oauthBearerProvider()).value);";
  const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: SECRET };
  const token = (await printedBy(`${code}\n${print}`, env)).trim();
  const url = new URL(
    new TextDecoder().decode(Uint8Array.fromBase64(token, { alphabet: "base64url" })),
  );
  assertMatch(url.href, /^https:\/\/kafka\.eu-central-1\.amazonaws\.com\/\?/);
  const asked = ["Action", "X-Amz-Expires", "X-Amz-Signature"];
  assertEquals(asked.map((name) => url.searchParams.get(name)), [
    "kafka-cluster:Connect",
    "900",
    signatureOf(url),
  ]);
});
