/**
 * A program that answers ApiVersions and Metadata requests as a Kafka broker does, and says
 * that the brokers of the cluster listen on the ports it is given. The first one is its own.
 *
 * @module
 */

/** Bytes of 32-bit and 16-bit integers and texts, as Kafka's protocol has them. */
export function encode(...parts: (number | { short: number } | string | null)[]): Uint8Array {
  const bytes: number[] = [];
  const put = (value: number, size: number) => {
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) bytes.push((value >> shift) & 255);
  };
  for (const part of parts) {
    if (part === null) put(-1, 2);
    else if (typeof part === "number") put(part, 4);
    else if (typeof part === "object") put(part.short, 2);
    else {
      put(part.length, 2);
      bytes.push(...new TextEncoder().encode(part));
    }
  }
  return new Uint8Array(bytes);
}

/** Answers requests on this listener until it is closed. */
export async function serveFake(listener: Deno.TcpListener, ports: number[]): Promise<void> {
  for await (const connection of listener) await answer(connection, ports);
}

/** Answers requests on this connection until the other end closes it. */
export async function answer(connection: Deno.TcpConn, ports: number[]): Promise<void> {
  using open = connection;
  const request = new Uint8Array(1000);
  while (await open.read(request)) {
    const view = new DataView(request.buffer);
    const [key, id] = [view.getInt16(4), view.getInt32(8)];
    const brokers = ports.flatMap((port, index) => [index + 1, "127.0.0.1", port, null]);
    const body = key === 18
      ? encode(id, { short: 0 }, 1, { short: 3 }, { short: 0 }, { short: 13 })
      : encode(id, ports.length, ...brokers, 1, 0);
    await open.write(new Uint8Array([...encode(body.length), ...body]));
  }
}

if (import.meta.main) {
  const ports = Deno.args.map(Number);
  await serveFake(Deno.listen({ hostname: "127.0.0.1", port: ports[0] ?? 0 }), ports);
}
