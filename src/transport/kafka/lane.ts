// Connections for one purpose.
import { withDeadline } from "../../async/deadline.ts";
import { delay } from "../../async/delay.ts";
import { BrokerLink, type BrokerLinkParts, type SendOptions } from "./broker_link.ts";
import type { Credentials, Login } from "./credentials.ts";
import { openFirst } from "./open_first.ts";
import {
  type Answers,
  type Api,
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type KafkaProtocol,
  type OpenOptions,
  type Requests,
} from "./port.ts";

/** A broker that takes longer to let a connection be opened is tried once more beside it. */
const STAGGER_MS = 1_000;
/** Another broker is tried sooner. */
const ANOTHER_MS = 400;
/** The provider is asked for another token so long after one was refused. */
const TOKEN_AGAIN_MS = 250;

export interface Brokers {
  addressOf(nodeId: number, signal: AbortSignal): Promise<BrokerAddress>;
  /** All that may answer, in the order to try them. */
  candidates(): readonly BrokerAddress[];
}

export interface LaneParts extends Omit<BrokerLinkParts, "onSilence" | "isOutdated"> {
  readonly protocol: KafkaProtocol;
  readonly brokers: Brokers;
  readonly open: Omit<OpenOptions, "signal">;
  /** Where credentials can change: what takes the place of those in `open`. */
  readonly credentials?: Credentials | undefined;
  /** By broker, which address of its name comes first: shared by the lanes of a cluster. */
  readonly firstAddresses: Map<string, number>;
  readonly onClose: () => void;
  /** Called when a broker was silent for too long, with the time of its last byte. */
  readonly onSilence: (address: BrokerAddress, since: number) => void;
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly login: Login | undefined;
  /** The latest of this opening, by broker. */
  readonly attempts: Map<string, number>;
}

const keyOf = ({ host, port }: BrokerAddress): string => `${host} ${port}`;

/**
 * Connections for one purpose, at most one a broker: a parked request holds back everything behind
 * it on its connection, so each purpose has its own.
 */
export class Lane implements Disposable {
  readonly #parts: LaneParts;
  readonly #links = new Map<string, BrokerLink>();
  /** Replaced ones too, which wait for their last answers. */
  readonly #alive = new Set<BrokerLink>();
  readonly #opening = new Map<string, Promise<BrokerLink>>();
  #ending = new AbortController();
  #closed = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  /** Longest silence after a quick question just now: it grows after late answers. */
  get patienceMs(): number {
    return this.#parts.patience.limitMs;
  }

  /**
   * Sends to one broker. Opens the connection where there is none, and waits first as long as
   * earlier answers of it demand. Error codes inside the answer are not judged.
   *
   * @param to Node id, or `any`: a known or bootstrap broker that answers.
   * @throws {ConnectionFailed} Where it ended before the answer; also after too long a silence.
   */
  async send<A extends Api>(
    to: number | "any",
    api: A,
    request: Requests[A],
    options: SendOptions,
  ): Promise<Answers[A]> {
    const { signal } = options;
    signal.throwIfAborted();
    const link = to === "any" ? await this.#anyLink(signal) : await this.#linkTo(to, signal);
    return await link.send(api, request, options);
  }

  /** Resolves when there is a connection to a broker, so that a request goes out at once. */
  async open(to: number, signal: AbortSignal): Promise<void> {
    await this.#linkTo(to, signal);
  }

  async #anyLink(signal: AbortSignal): Promise<BrokerLink> {
    const usable = [...this.#links.values()].filter((link) => link.isUsable);
    const ready = usable.find((link) => !link.isAging);
    if (ready !== undefined) return ready;
    // What ends with its session is not begun with; one with earlier credentials goes on as long as
    // there is no other.
    const outdated = usable.find((link) => link.isOutdated);
    if (outdated !== undefined) return this.#replacedIfAging(outdated);
    return await withDeadline(this.#open("any", this.#parts.brokers.candidates()), { signal });
  }

  async #linkTo(to: number, signal: AbortSignal): Promise<BrokerLink> {
    const address = await this.#parts.brokers.addressOf(to, signal);
    const key = keyOf(address);
    const link = this.#links.get(key);
    if (link?.isUsable) return this.#replacedIfAging(link);
    return await withDeadline(this.#open(key, [address]), { signal });
  }

  /** The old connection serves until the new one is there. */
  #replacedIfAging(link: BrokerLink): BrokerLink {
    if (!link.isAging) return link;
    const { address } = link;
    this.#open(keyOf(address), [address]).catch((failure) => {
      link.rest();
      if (link.isUsable) this.#parts.credentials?.swapFailed(address, failure);
    });
    return link;
  }

  /** One opening at a time for each key: who comes meanwhile shares it. */
  #open(key: string, addresses: readonly BrokerAddress[]): Promise<BrokerLink> {
    if (this.#closed) return Promise.reject(new ConnectionFailed("closed", "this side has closed"));
    const found = this.#opening.get(key);
    if (found !== undefined) return found;
    const { signal } = this.#ending;
    const { credentials } = this.#parts;
    let login: Login | undefined;
    const first = () => this.#openFirst(addresses, { signal, login });
    const opened = credentials === undefined ? first() : credentials.use((current) => {
      login = current;
      return first();
    }, signal);
    const opening = opened.then((connection) => {
      if (!signal.aborted) return this.#keep(connection, login);
      connection.close();
      throw signal.reason;
    }).finally(() => {
      if (this.#opening.get(key) === opening) this.#opening.delete(key);
    });
    this.#opening.set(key, opening);
    return opening;
  }

  #openFirst(
    addresses: readonly BrokerAddress[],
    { signal, login }: { readonly signal: AbortSignal; readonly login: Login | undefined },
  ): Promise<BrokerConnection> {
    const attempts = new Map<string, number>();
    return openFirst(addresses, {
      open: (address, signal) => this.#connect(address, { signal, login, attempts }),
      staggerMs: addresses.length > 1 ? ANOTHER_MS : STAGGER_MS,
      patience: this.#parts.patience,
      signal,
    });
  }

  async #connect(
    address: BrokerAddress,
    { signal, login, attempts }: Attempt,
  ): Promise<BrokerConnection> {
    const { firstAddresses, open } = this.#parts;
    const key = keyOf(address);
    const before = attempts.get(key);
    const attempt = before === undefined ? firstAddresses.get(key) ?? 0 : before + 1;
    attempts.set(key, attempt);
    // An address of a name may take connections and say nothing: the next opening, too, begins with
    // another.
    if (before !== undefined) firstAddresses.set(key, attempt);
    try {
      const connection = await this.#authenticated(address, { ...open, ...login, signal, attempt });
      firstAddresses.set(key, attempt);
      return connection;
    } catch (error) {
      if (!signal.aborted) firstAddresses.set(key, attempt + 1);
      throw error;
    }
  }

  async #authenticated(address: BrokerAddress, open: OpenOptions): Promise<BrokerConnection> {
    const { protocol } = this.#parts;
    const { signal } = open;
    const hasTokens = open.sasl !== undefined && "oauthBearerProvider" in open.sasl;
    try {
      return await protocol.open(address, open);
    } catch (failure) {
      const { kind } = failure as Partial<ConnectionFailed>;
      if (!hasTokens || kind !== "authentication") throw failure;
      // A token that is kept to its end may end on its way to the broker; the next one counts.
      await delay(TOKEN_AGAIN_MS, { signal, background: true });
      signal.throwIfAborted();
      return await protocol.open(address, open);
    }
  }

  #keep(connection: BrokerConnection, login: Login | undefined): BrokerLink {
    const { address } = connection;
    const key = keyOf(address);
    const onSilence = (since: number) => this.#parts.onSilence(address, since);
    const link = new BrokerLink(connection, {
      ...this.#parts,
      onSilence,
      isOutdated: login?.isOutdated,
    });
    this.#links.get(key)?.retire();
    this.#links.set(key, link);
    this.#alive.add(link);
    connection.ended.then(() => {
      this.#alive.delete(link);
      if (this.#links.get(key) === link) this.#links.delete(key);
    });
    return link;
  }

  /**
   * Ends the connection to a broker where nothing has come over it since another one fell silent:
   * what swallowed that one has swallowed this one too, and its next request would wait to notice.
   */
  doubt(address: BrokerAddress, since: number): void {
    const link = this.#links.get(keyOf(address));
    if (link?.isIdleSince(since)) link.close();
  }

  /** Ends its connections; the next request opens new ones. */
  reset(): void {
    this.#ending.abort(new ConnectionFailed("closed", "this side has closed the connection"));
    this.#ending = new AbortController();
    this.#opening.clear();
    for (const link of this.#alive) link.close();
    this.#links.clear();
  }

  /** Ends its connections for good. */
  close(): void {
    this.#closed = true;
    this.reset();
    this.#parts.onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
