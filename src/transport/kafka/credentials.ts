// Credentials that change while connections are open: asked for, or read, at each new connection.
import { X509Certificate } from "node:crypto";
import { clock } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import { LogThrottle } from "../../logging/log_throttle.ts";
import type { Logger } from "../../logging/logger.ts";
import { addressText } from "../brokers.ts";
import type { AskFor, ConnectionOptions } from "../connection_options.ts";
import { saslFields, tlsFields } from "../security_options.ts";
import { asRpcError } from "./errors.ts";
import { filesOf, type SaslTexts, stampOf, type TlsTexts, withContents } from "./login_texts.ts";
import {
  type BrokerAddress,
  ConnectionFailed,
  type FailureKind,
  type OpenOptions,
} from "./port.ts";
import { checkTlsFiles } from "./tls_files.ts";

/** How long a function is waited for: less than an opening, so that its own failure is reported. */
const ASK_MS = 5_000;
/** Minimum interval between two looks at the files, while connections are in use. */
const LOOK_MS = 10_000;
/** A certificate that a function gave is asked for anew at this share of the time that it has left. */
const RENEW_AT = 0.8;
/** Of one that is over, or nearly, but at most so often. */
const RENEW_MIN_MS = 60_000;
const SWAP_LINES_MS = 10_000;

/** What the next credentials may cure. */
const CURABLE: readonly FailureKind[] = ["authentication", "tls", "tls_options"];

/** TLS and SASL of one connection. */
export interface Login extends Pick<OpenOptions, "ssl" | "sasl"> {
  /** Whether a connection with it should be replaced, because there is a newer one. */
  readonly isOutdated: () => boolean;
}

type Given = Pick<ConnectionOptions, "ssl" | "sasl">;

/** TLS and SASL where they can't change; undefined where they can. */
export function fixedLogin({ ssl, sasl }: Given): Pick<OpenOptions, "ssl" | "sasl"> | undefined {
  const asks = typeof ssl === "function" || typeof sasl === "function";
  if (asks || filesOf(ssl, sasl).length > 0) return undefined;
  return { ssl: (ssl || undefined) as TlsTexts | true | undefined, sasl: sasl as SaslTexts };
}

/** Credentials of a side that can change. */
export class Credentials {
  readonly #given: Given;
  readonly #swaps: LogThrottle;
  #files: ReturnType<typeof filesOf> = [];
  #stamp = "";
  #version = 0;
  #lookedAt = -Infinity;

  constructor(given: Given, logger: Logger) {
    this.#given = given;
    this.#swaps = new LogThrottle(logger, { intervalMs: SWAP_LINES_MS });
  }

  /**
   * Opens a connection with the credentials of now. What the broker refuses of them is marked as what
   * the next ones may cure.
   */
  async use<T>(open: (login: Login) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await open(await this.ask(signal));
    } catch (failure) {
      if (!(failure instanceof ConnectionFailed) || !CURABLE.includes(failure.kind)) throw failure;
      const { kind, message } = failure;
      throw new ConnectionFailed(kind, message, { cause: failure, mayPass: true });
    }
  }

  /**
   * Asks the functions, and reads the files.
   *
   * @throws {ConnectionFailed} With the text of what failed.
   * @throws {RpcError} `invalid_argument` where a function gives what it must not.
   */
  async ask(signal: AbortSignal): Promise<Login> {
    const { ssl = false, sasl } = this.#given;
    const [tls, login] = await Promise.all([
      typeof ssl === "function" ? asked(ssl, { name: "ssl", check: tlsFields, signal }) : ssl,
      typeof sasl === "function" ? asked(sasl, { name: "sasl", check: saslFields, signal }) : sasl,
    ]);
    this.#files = filesOf(tls, login);
    // Before they are read: what changes meanwhile is a change.
    this.#look();
    const version = this.#version;
    const texts = typeof tls === "object" ? withContents<TlsTexts, typeof tls>(tls, "ssl") : tls;
    const renewAt = typeof ssl === "function" ? renewalOf(texts as TlsTexts) : Infinity;
    return {
      ssl: texts || undefined,
      sasl: login && withContents<SaslTexts, typeof login>(login, "sasl"),
      isOutdated: () => {
        const now = clock.now();
        if (now - this.#lookedAt >= LOOK_MS) this.#look();
        return version !== this.#version || now >= renewAt;
      },
    };
  }

  #look(): void {
    this.#lookedAt = clock.now();
    const stamp = stampOf(this.#files);
    if (stamp !== this.#stamp) this.#version++;
    this.#stamp = stamp;
  }

  /** Reports that a connection is not replaced by one with the credentials of now. */
  swapFailed(address: BrokerAddress, failure: unknown): void {
    const broker = addressText(address);
    const error = asRpcError(failure, `connect to Kafka at ${broker}`);
    const text = "a connection with new credentials cannot be opened, the earlier one serves on";
    this.#swaps.log(text, { broker, error });
  }

  close(): void {
    this.#swaps.close();
  }
}

interface Asking<Options> {
  readonly name: "ssl" | "sasl";
  readonly check: (value: unknown, name: string) => Options;
  readonly signal: AbortSignal;
}

async function asked<Options>(
  ask: AskFor<Options>,
  { name, check, signal }: Asking<Options>,
): Promise<Options> {
  using ending = linkSignals(signal);
  const bounds = { signal, timeoutMs: ASK_MS, background: true };
  let given: Options;
  try {
    const asking = Promise.try(ask, { signal: ending.signal });
    given = await withDeadline(asking, bounds, () => new Error(`no answer within ${ASK_MS} ms`));
  } catch (cause) {
    signal.throwIfAborted();
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new ConnectionFailed("credentials", `the function \`${name}\` failed: ${text}`, {
      cause,
    });
  } finally {
    ending.abort();
  }
  return check(given, `${name}()`);
}

/** When a function is asked for the next certificate, on the monotonic clock. */
function renewalOf(ssl: TlsTexts): number {
  if (ssl.cert === undefined) return Infinity;
  checkTlsFiles(ssl);
  const leftMs = Date.parse(new X509Certificate(ssl.cert).validTo) - clock.wallTime();
  return clock.now() + Math.max(RENEW_AT * leftMs, RENEW_MIN_MS);
}
