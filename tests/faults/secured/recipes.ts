/**
 * The recipe of docs/credentials.md for OAuth, with an endpoint and a broker that are there.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { connect, RpcError, type SaslOptions } from "../../../mod.ts";
import { unsecuredToken } from "../../../tools/kafka/secured/token.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { node } from "./node.ts";

const PAGE = await Deno.readTextFile(new URL("../../../docs/credentials.md", import.meta.url));
const ID = "billing";
const SECRET = "s3cret";

/** An endpoint for tokens, and what it was asked. */
function endpoint() {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      asked.push(`${request.method} ${await request.text()}`);
      const given = request.headers.get("authorization");
      if (given !== `Basic ${btoa(`${ID}:${SECRET}`)}`) {
        return new Response("invalid_client", { status: 401 });
      }
      return Response.json({ access_token: unsecuredToken("admin"), expires_in: 3_600 });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/oauth2/token`;
  return { url, asked, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** The code of the page, with this endpoint and this secret. */
async function recipe(url: string, secret: string): Promise<SaslOptions> {
  const code = [...PAGE.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!)
    .find((code) => code.includes("client_credentials"))!
    .replace("https://login.example/oauth2/token", url)
    .replace('Deno.env.get("CLIENT_ID")', JSON.stringify(ID))
    .replace('Deno.env.get("CLIENT_SECRET")', JSON.stringify(secret))
    .replace(/^import .*$/m, "const connect = undefined;");
  await using files = await ScratchFolder.create({
    "recipe.ts": code.replace(": SaslOptions", ""),
  });
  const { sasl } = await import(files.url("recipe.ts").href) as { sasl: SaslOptions };
  return sasl;
}

const options = (sasl: SaslOptions) => ({
  brokers: node.brokers("sasl"),
  topic: `test-${crypto.randomUUID()}`,
  sasl,
});

Deno.test("the recipe for OAuth logs in with one token for all connections", async () => {
  await using tokens = endpoint();
  const client = await connect(options(await recipe(tokens.url, SECRET)));
  await client.close();
  assertEquals(tokens.asked, ["POST grant_type=client_credentials&scope=kafka"]);
});

Deno.test("the recipe for OAuth says what the endpoint answered in place of a token", async () => {
  await using tokens = endpoint();
  const sasl = await recipe(tokens.url, "wrong");
  const connecting = () => connect({ ...options(sasl), connectTimeoutMs: 300 });
  await assertRejects(connecting, RpcError, "the token endpoint answered 401: invalid_client");
});
