// The private parts of kafkajs that the adapter uses: each is where and what it expects.
import { assertEquals } from "@std/assert";
import installed from "kafkajs/package.json" with { type: "json" };
import kafkajsRequests from "kafkajs/src/protocol/requests/index.js";
import { AUTHENTICATORS } from "../../../src/transport/kafka/kafkajs/authenticators.ts";
import { encodeBy } from "../../../src/transport/kafka/kafkajs/private.ts";
import { REQUESTS } from "../../../src/transport/kafka/kafkajs/requests.ts";
import { ANY, APIS } from "./recorded.ts";

Deno.test("deno.json and what is installed have the version whose private parts are known", () => {
  const path = new URL("../../../deno.json", import.meta.url);
  const { imports } = JSON.parse(Deno.readTextFileSync(path));
  assertEquals([imports["kafkajs/"], installed.version], ["npm:/kafkajs@2.2.4/", "2.2.4"]);
});

const { requests } = kafkajsRequests as unknown as {
  requests: Record<string, { versions: string[] }>;
};
/** As the library calls them, where that is not the protocol's name. */
const NAMES: Readonly<Record<string, string>> = { FindCoordinator: "GroupCoordinator" };

/** Encoded here altogether: what the library does not know, or not in the version that is needed. */
const OWN = ["ConsumerGroupDescribe", "Metadata"];

for (const api of APIS.filter((api) => !OWN.includes(api))) {
  Deno.test(`the library's highest version of ${api} is the adapter's`, () => {
    const { versions } = requests[NAMES[api] ?? api]!;
    assertEquals(Math.max(...versions.map(Number)), REQUESTS[api].versions[1]);
  });
}

for (const api of APIS) {
  Deno.test(`${api} is encoded in each of its versions`, async () => {
    const [lowest, highest] = REQUESTS[api].versions;
    for (let version = lowest; version <= highest; version++) {
      const { encode } = REQUESTS[api] as {
        encode(request: unknown, v: number): Promise<Uint8Array>;
      };
      assertEquals((await encode(ANY[api], version)).length > 0, true, `version ${version}`);
    }
  });
}

Deno.test("a definition of the library encodes by the fields that it is given", async () => {
  const fields = { groupId: "g", groupGenerationId: 7, memberId: "m" };
  assertEquals([...await encodeBy("Heartbeat", 0, fields)], [
    ...[0, 1, 103, 0, 0, 0, 7, 0, 1, 109],
  ]);
});

for (const api of ["Metadata", "OffsetFetch"] as const) {
  Deno.test(`${api} of no topics asks for none, not for all`, async () => {
    const metadata = await REQUESTS.Metadata.encode({ topics: [] }, 6);
    const offsets = await REQUESTS.OffsetFetch.encode({ group: "g", partitions: [] }, 4);
    const count = { Metadata: metadata.subarray(0, 4), OffsetFetch: offsets.subarray(3) }[api];
    assertEquals([...count], [0, 0, 0, 0]);
  });
}

Deno.test("Metadata creates no topic", async () => {
  assertEquals((await REQUESTS.Metadata.encode({ topics: [] }, 6)).at(-1), 0);
});

Deno.test("Fetch and ListOffsets read uncommitted records", async () => {
  const fetch = await REQUESTS.Fetch.encode(ANY.Fetch, 11);
  const list = await REQUESTS.ListOffsets.encode(ANY.ListOffsets, 3);
  assertEquals([fetch[16], list[4]], [0, 0]);
});

Deno.test("the partitions of a topic are together, whatever stands between them", async () => {
  const partitions = ["a", "b", "a"].map((topic, partition) => ({ topic, partition }));
  const encoded = await REQUESTS.OffsetFetch.encode({ group: "", partitions }, 4);
  assertEquals([...encoded.subarray(2)], [
    ...[0, 0, 0, 2],
    ...[0, 1, 97, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2],
    ...[0, 1, 98, 0, 0, 0, 1, 0, 0, 0, 1],
  ]);
});

for (const [mechanism, authenticator] of Object.entries(AUTHENTICATORS)) {
  Deno.test(`the authenticator of ${mechanism} is prepared with options and a facade`, () => {
    const logger = { debug: () => {}, error: () => {} };
    const facade = { host: "b", port: 1, logger, saslAuthenticate: () => Promise.resolve() };
    assertEquals(typeof authenticator({})(facade).authenticate, "function");
  });
}
