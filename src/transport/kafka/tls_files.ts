// Looks at this program's own certificates and key before they are used. Deno's
// TLS takes whatever it is given, and leaves a key that it can't read out: the
// broker then says that no certificate was sent.
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsTexts } from "./login_texts.ts";
import { ConnectionFailed } from "./port.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Throws a failure of `tls_options` where certificates and key can't be read or used together. */
export function checkTlsFiles({ ca, cert, key, passphrase }: TlsTexts): void {
  for (const authority of ca === undefined ? [] : [ca].flat()) {
    readCertificates("ca", authority);
  }
  // The check of the options has seen to it that they come together.
  if (cert === undefined || key === undefined) return;
  const [own] = readCertificates("cert", cert);
  if (own!.checkPrivateKey(readKey(key, passphrase))) return;
  throw refused("`ssl.key` is not the key of the first certificate in `ssl.cert`");
}

function readCertificates(option: "ca" | "cert", pem: string): X509Certificate[] {
  const found = String(pem).match(CERTIFICATE);
  if (found === null) {
    const text = `\`ssl.${option}\` has no certificate in PEM (the content of a file, not its ` +
      "path): no -----BEGIN CERTIFICATE----- is in it";
    throw refused(text);
  }
  return found.map((certificate) => {
    try {
      return new X509Certificate(certificate);
    } catch (cause) {
      const text = `\`ssl.${option}\` has a certificate that can't be read: ` +
        (cause as Error).message;
      throw refused(text, cause);
    }
  });
}

function readKey(key: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey(passphrase === undefined ? key : { key, passphrase });
  } catch (cause) {
    const encrypted = /\bENCRYPTED\b/.test(key);
    if (encrypted && passphrase === undefined) {
      throw refused("`ssl.key` is encrypted, and `ssl.passphrase` is missing", cause);
    }
    const text = encrypted
      ? "`ssl.key` can't be decrypted with `ssl.passphrase`"
      : "`ssl.key` has no private key in PEM (the content of a file, not its path)";
    throw refused(`${text}: ${(cause as Error).message}`, cause);
  }
}

function refused(text: string, cause?: unknown): ConnectionFailed {
  return new ConnectionFailed("tls_options", text, { cause });
}
