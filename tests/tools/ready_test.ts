import { assertEquals, assertRejects } from "@std/assert";
import { listBrokers, untilReady } from "../../tools/kafka/ready.ts";
import { answer, encode, serveFake } from "./fake_broker.ts";

/** Runs `use` beside a server on a free port. */
async function beside(
  serve: (listener: Deno.TcpListener, port: number) => Promise<void>,
  use: (port: number) => Promise<void>,
) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = serve(listener, listener.addr.port);
  try {
    await use(listener.addr.port);
  } finally {
    listener.close();
    await serving;
  }
}

Deno.test("the brokers of a Metadata answer are read", async () => {
  await beside((listener, port) => serveFake(listener, [port, 9]), async (port) => {
    assertEquals(await listBrokers("127.0.0.1", port), [
      { id: 1, host: "127.0.0.1", port },
      { id: 2, host: "127.0.0.1", port: 9 },
    ]);
    await untilReady(port, AbortSignal.timeout(10_000));
  });
});

Deno.test("a broker that does not list itself is not ready", async () => {
  const enough = new AbortController();
  const serve = async (listener: Deno.TcpListener) => {
    for await (const connection of listener) {
      await answer(connection, [9]);
      enough.abort();
    }
  };
  await beside(serve, async (port) => {
    const text = "lists 1 brokers, but not itself";
    await assertRejects(() => untilReady(port, enough.signal), Error, text);
  });
});

Deno.test("an error answer, another protocol and a closed connection are refused", async () => {
  const answers: [bytes: Uint8Array, message: string][] = [
    [encode(10, 18, { short: 35 }, 0), "ApiVersions answered with error 35"],
    [encode(10, 18, { short: 0 }, 0), "offers no Metadata request"],
    [encode(10, 7, { short: 0 }, 0), "foreign correlation id"],
    [new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"), "not a Kafka answer"],
    [new Uint8Array(), "closed the connection"],
  ];
  for (const [bytes, message] of answers) {
    const serve = async (listener: Deno.TcpListener) => {
      for await (const connection of listener) {
        await connection.read(new Uint8Array(100));
        await connection.write(bytes);
        connection.close();
      }
    };
    await beside(serve, async (port) => {
      await assertRejects(() => listBrokers("127.0.0.1", port), Error, message);
    });
  }
});
