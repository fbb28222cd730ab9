// docs/options.md has every option, and no other.
import { assertEquals, assertRejects } from "@std/assert";
import { type Client, connect, RpcError, serve } from "@kafka-rpc/deno";
import { MemoryBroker } from "@kafka-rpc/deno/memory";

const page = Deno.readTextFileSync(new URL("../../docs/options.md", import.meta.url));

/** Outermost names in the first column of the tables that follow these texts. */
function documented(...before: string[]): string[] {
  const names = before.flatMap((text) => {
    const [, table = ""] = /((?:^\|.*\n)+)/m.exec(page.slice(page.indexOf(`\n${text}`))) ?? [];
    return [...table.matchAll(/^\|[^|]*/gm)].flatMap(([cell]) =>
      [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name!)
    );
  });
  return [...new Set(names)].sort();
}

type Ask = (client: Client, options: object) => Promise<unknown>;

/** Option names as the refusal of one that does not exist lists them. */
async function known(ask: Ask): Promise<string[]> {
  await using client = await connect({ transport: new MemoryBroker().transport() });
  const { message } = await assertRejects(() => ask(client, { 0: 1 }), RpcError);
  const [, list = ""] = /There are (.*)\.$/.exec(message) ?? [];
  return list.split(", ").sort();
}

const BOTH = "## Of both sides";
const PLACES: readonly [what: string, before: readonly string[], ask: Ask][] = [
  ["serve", [BOTH, "## Of `serve`"], (_, options) => serve(options)],
  ["connect", [BOTH, "## Of `connect`"], (_, options) => connect(options)],
  ["call", ["`client.call("], (client, options) => client.call("a", 1, options)],
  ["send", ["`client.send("], (client, options) => client.send("a", 1, options)],
  ["submit", ["`client.send("], (client, options) => client.submit("a", 1, options)],
  [
    "stream",
    ["`client.stream("],
    async (client, options) => await client.stream("a", 1, options).next(),
  ],
  [
    "callMany",
    ["`client.callMany("],
    (client, options) => client.callMany("a", 1, options)[Symbol.asyncIterator]().next(),
  ],
  ["servers", ["`client.servers("], (client, options) => client.servers(options)],
];

for (const [what, before, ask] of PLACES) {
  Deno.test(`docs/options.md has the options of ${what}`, async () => {
    assertEquals(documented(...before), await known(ask));
  });
}
