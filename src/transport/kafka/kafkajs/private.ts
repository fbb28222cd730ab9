// The one file that touches the private parts of kafkajs 2.2.4: its definitions of requests, its
// encoder. The version is pinned in deno.json, and a test checks what this file expects of it.
import type { Buffer } from "node:buffer";
import kafkajsEncoder from "kafkajs/src/protocol/encoder.js";
import kafkajsRequests from "kafkajs/src/protocol/requests/index.js";

/** Grows as it is written to. Bytes must be a Buffer: anything else is written as text. */
export interface Encoder {
  readonly buffer: Buffer;
  writeInt8(value: number): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeBoolean(value: boolean): Encoder;
  writeString(value: string | null): Encoder;
  writeBytes(value: Buffer): Encoder;
  writeBuffer(value: Buffer): Encoder;
  writeArray(items: readonly (string | Encoder)[]): Encoder;
  writeUVarInt(value: number): Encoder;
  writeUVarIntString(value: string): Encoder;
}

interface Encodable {
  readonly request: { readonly apiKey: number; encode(): Promise<Encoder> };
}

interface Definition {
  readonly versions: readonly string[];
  protocol(options: { version: number }): (fields: Record<string, unknown>) => Encodable;
}

const definitions =
  (kafkajsRequests as unknown as { readonly requests: Readonly<Record<string, Definition>> })
    .requests;

export function newEncoder(): Encoder {
  return new (kafkajsEncoder as unknown as new () => Encoder)();
}

/** Encodes a request by the library's definition of that name, from fields as it calls them. */
export async function encodeBy(
  name: string,
  version: number,
  fields: Record<string, unknown>,
): Promise<Uint8Array> {
  const encoder = await definitions[name]!.protocol({ version })(fields).request.encode();
  return encoder.buffer;
}
