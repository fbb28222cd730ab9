// The keys of a server.
import { Signer } from "../signing/signer.ts";
import { Verifier } from "../signing/verifier.ts";
import type { ServerSettings } from "./settings.ts";

/** What a server signs and verifies with; each is undefined where its option is not given. */
export interface ServerSigning {
  readonly signer: Signer | undefined;
  /** Keys of the callers. */
  readonly callers: Verifier | undefined;
  /** Keys of servers, beside the one of `signer`. */
  readonly servers: Verifier | undefined;
}

/** Undefined where nothing is signed; rejects with `invalid_argument` for a key that can't be used. */
export async function openSigning(
  { sign, verify, replyKeys }: Pick<ServerSettings, "sign" | "verify" | "replyKeys">,
): Promise<ServerSigning | undefined> {
  if ((sign ?? verify) === undefined) return undefined;
  return {
    signer: sign && await Signer.open(sign),
    callers: verify && await Verifier.open(verify),
    servers: replyKeys && await Verifier.open(replyKeys),
  };
}
