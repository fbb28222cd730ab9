/**
 * An address without a listener.
 *
 * @module
 */

/** A loopback address where no program listens: the port was free a moment ago. */
export function closedAddress(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return `127.0.0.1:${port}`;
}
