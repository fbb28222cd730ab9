// Whose request a reply on the results topic answers.
import type { Logger } from "../logging/logger.ts";
import type { Signer } from "../signing/signer.ts";
import type { Verifier } from "../signing/verifier.ts";
import { HEADER } from "../wire/headers.ts";
import { textOf } from "../wire/utf8.ts";
import type { IncomingRecord } from "../wire/record.ts";

export interface ProvenanceOptions {
  /** The key of this server; undefined where it does not sign. */
  readonly signer: Signer | undefined;
  /** Keys of other servers, and of this one before its last rotation. */
  readonly servers: Verifier | undefined;
  /** Keys of the callers; undefined where requests need no signature. */
  readonly callers: Verifier | undefined;
  readonly logger: Logger;
}

/**
 * Checks replies before they fill the reply cache. Anybody may have written to the results topic;
 * what this server repeats, it signs.
 */
export class ReplyProvenance {
  readonly #options: ProvenanceOptions;

  constructor(options: ProvenanceOptions) {
    this.#options = options;
  }

  /** Undefined where the reply is not to be repeated. Never rejects. */
  async of(
    record: IncomingRecord,
  ): Promise<{ readonly principal: string | undefined } | undefined> {
    const { callers, signer, servers, logger } = this.#options;
    try {
      if ((signer ?? servers) !== undefined && !await this.#isOfServer(record)) return undefined;
      if (callers === undefined) return { principal: undefined };
      const name = record.headers.get(HEADER.request);
      const [keyId = "", signature] = (name && textOf(name))?.split(" ") ?? [];
      // The answer to a request that was refused has no signature there, and is none to repeat.
      const caller = signature === undefined ? undefined : await callers.find(keyId);
      return caller && { principal: caller.principal };
    } catch (error) {
      logger.debug("a reply is not repeated: its signature cannot be checked", { error });
      return undefined;
    }
  }

  async #isOfServer(record: IncomingRecord): Promise<boolean> {
    const { signer, servers } = this.#options;
    if (!record.headers.has(HEADER.signature)) return false;
    if (await signer?.signed("reply", record)) return true;
    return servers !== undefined && (await servers.verify("reply", record)).refused === undefined;
  }
}
