// The one file that touches the private parts of kafkajs 2.2.4: its definitions of requests. The
// version is pinned in deno.json, and a test checks what this file expects of it.
import kafkajsRequests from "kafkajs/src/protocol/requests/index.js";

interface Encodable {
  readonly request: { encode(): Promise<{ readonly buffer: Uint8Array }> };
}

interface Definition {
  readonly versions: readonly string[];
  protocol(options: { version: number }): (fields: Record<string, unknown>) => Encodable;
}

const definitions =
  (kafkajsRequests as unknown as { readonly requests: Readonly<Record<string, Definition>> })
    .requests;

/**
 * Encodes a request by the library's definition of that name, from fields as it calls them. Bytes
 * must be a Buffer: anything else is written as text.
 */
export async function encodeBy(
  name: string,
  version: number,
  fields: Record<string, unknown>,
): Promise<Uint8Array> {
  const { buffer } = await definitions[name]!.protocol({ version })(fields).request.encode();
  return buffer;
}
