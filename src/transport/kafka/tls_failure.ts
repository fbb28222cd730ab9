// What a failed TLS connection means, in words that say which side's certificate it is about.
import { X509Certificate } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import { clock } from "../../async/clock.ts";
import type { TlsTexts } from "./login_texts.ts";
import type { BrokerAddress } from "./port.ts";

/** Alerts by which a broker refuses the certificate of its client, or asks for one. */
const ABOUT_OWN_CERTIFICATE = /_ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED)$/;
const UNTRUSTED = /^(SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(GET|VERIFY))_/;

/** Whether an error is of TLS, and not of the network below it. */
export function isTlsError(code: string | undefined): boolean {
  if (code === undefined) return false;
  // ECONNRESET, EAI_AGAIN and their like are the network's; so is a socket that was closed.
  return !/^(E[A-Z0-9]+|EAI_[A-Z]+)$/.test(code) && !/^ERR_(?!SSL_|TLS_)/.test(code);
}

/** Says what an error of TLS means; the text ends with the system's own. */
export function tlsFailureText(error: Error, ssl: TlsTexts): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (ABOUT_OWN_CERTIFICATE.test(code)) return `${ownCertificateText(ssl)}: ${error.message}`;
  if (UNTRUSTED.test(code)) {
    const authorities = ssl.ca === undefined ? "the system's authorities" : "`ssl.ca`";
    return `its certificate is not signed by ${authorities}: ${error.message}`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `its certificate has another name: ${error.message}`;
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return `it does not speak TLS: ${error.message}`;
  return `TLS failed: ${error.message}`;
}

function ownCertificateText({ cert }: TlsTexts): string {
  if (cert === undefined) {
    return "it asks for a certificate of this program (`ssl.cert` and `ssl.key`)";
  }
  const expired = expiryText(new X509Certificate(cert).validTo);
  return `it refused the certificate in \`ssl.cert\`${expired && `, which ${expired}`}`;
}

function expiryText(validTo: string): string {
  const end = Date.parse(validTo);
  return end < clock.wallTime() ? `expired at ${new Date(end).toISOString()}` : "";
}

/**
 * Finds out whether the certificate of a broker has expired; empty where it has not, or nothing is
 * known. Deno says of such a one only that it can't be verified; so it is looked at over a second
 * connection, on which nothing is sent.
 */
export async function expiredCertificateText(
  { host, port }: BrokerAddress,
  { ssl, signal }: { readonly ssl: TlsTexts; readonly signal: AbortSignal },
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const servername = ssl.servername ?? (net.isIP(host) === 0 ? host : undefined);
  const socket = tls.connect({
    host,
    port,
    rejectUnauthorized: false,
    ...servername !== undefined && { servername },
  }, () => resolve(expiryText(socket.getPeerCertificate().valid_to)));
  const stop = () => resolve("");
  socket.on("error", stop);
  socket.on("close", stop);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await promise;
  } finally {
    socket.destroy();
    signal.removeEventListener("abort", stop);
  }
}
