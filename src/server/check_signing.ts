// Options of signing that need each other.
import { RpcError } from "../wire/errors.ts";
import type { ServerSettings } from "./settings.ts";

type SigningSettings = Pick<
  ServerSettings,
  "sign" | "verify" | "replyKeys" | "replyCache" | "authorize" | "allowPlain"
>;

/** Refuses options of signing that do not go together. */
export function checkSigning(settings: SigningSettings): void {
  const { verify, replyCache, sign, replyKeys, ...others } = settings;
  if (verify !== undefined && replyCache === undefined) {
    throw refusal(
      "`verify` needs the reply cache: without it a copy of a signed request runs again. Leave " +
        "`replyCache: false` out",
    );
  }
  if (replyKeys !== undefined && (verify ?? sign) === undefined) {
    throw refusal("`replyKeys` is for servers that sign or verify. Give `sign` or `verify`, too");
  }
  if (verify === undefined && (others.authorize !== undefined || others.allowPlain)) {
    const name = others.allowPlain ? "allowPlain" : "authorize";
    throw refusal(`\`${name}\` needs \`verify\`: without it nobody knows who calls. Give the keys`);
  }
}

function refusal(reason: string): RpcError {
  return new RpcError("invalid_argument", `Cannot serve: ${reason}.`);
}
