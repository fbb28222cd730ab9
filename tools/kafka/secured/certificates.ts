/**
 * Certificates of a secured node, made by the JDK at its start. They last as long as the node.
 *
 * @module
 */
import { createPrivateKey } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Command } from "../../kept_process.ts";
import { SHORT_RUN } from "../java.ts";

const PROGRAM = fileURLToPath(new URL("./Certificates.java", import.meta.url));

/** Passphrase of the key `client-encrypted`. */
export const PASSPHRASE = "key-secret";

/** Name of a certificate. All but the last two are signed by `ca`. */
export type CertificateName =
  | "server"
  | "expired-server"
  | "misnamed-server"
  | "client"
  | "expired-client"
  | "foreign-client"
  | "foreign-ca";

/** A certificate and its key, as PEM text. */
export interface KeyPair {
  /** The certificate, with that of its authority behind it. */
  readonly cert: string;
  /** Its key, not encrypted. */
  readonly key: string;
}

/** The command that makes them in the folder of a node. */
export function certificatesCommand(java: string): Command {
  const keytool = "java.base/sun.security.tools.keytool=ALL-UNNAMED";
  return [java, ...SHORT_RUN, "--add-exports", keytool, PROGRAM, "{folder}/certificates"];
}

/** The certificates in the folder of a node. */
export class Certificates {
  /** Folder of the files: NAME.pem, NAME.key, and `client-encrypted.key`. */
  readonly folder: string;
  /** Certificate of the authority that clients and servers should trust, as PEM text. */
  readonly ca: string;

  private constructor(folder: string, ca: string) {
    this.folder = folder;
    this.ca = ca;
  }

  /** Reads what the node has made. */
  static async read(nodeFolder: string): Promise<Certificates> {
    const folder = `${nodeFolder}/certificates`;
    const certificates = new Certificates(folder, await Deno.readTextFile(`${folder}/ca.pem`));
    const { key } = await certificates.pair("client");
    const encrypted = createPrivateKey(key)
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: PASSPHRASE });
    await Deno.writeTextFile(`${folder}/client-encrypted.key`, encrypted.toString());
    return certificates;
  }

  /** A certificate and its key. */
  async pair(name: CertificateName): Promise<KeyPair> {
    const [cert, key] = await Promise.all(
      [".pem", ".key"].map((ending) => Deno.readTextFile(`${this.folder}/${name}${ending}`)),
    );
    return { cert: cert!, key: key! };
  }

  /** The certificate of the client with its key encrypted by {@linkcode PASSPHRASE}. */
  async encryptedPair(): Promise<KeyPair & { readonly passphrase: string }> {
    const [{ cert }, key] = await Promise.all([
      this.pair("client"),
      Deno.readTextFile(`${this.folder}/client-encrypted.key`),
    ]);
    return { cert, key, passphrase: PASSPHRASE };
  }
}
