// Keys from files, the environment and profiles; no error shows any of a secret.
import { assertEquals, assertThrows } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { SIGNING_FLAGS, signingKeysOf } from "../../src/cli/signing_keys.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { PAIR, secret } from "../signing/keys.ts";

const SECRET = secret(0).toBase64();

function keys(args: string[], environment: Record<string, string> = {}) {
  const given = parseArguments(args, SIGNING_FLAGS);
  return signingKeysOf((name) => given.text(name), new Map(Object.entries(environment)));
}

async function inFolder(files: Record<string, unknown>, use: (path: string) => void) {
  await using folder = await ScratchFolder.create(files);
  use(folder.path);
}

const refused = (act: () => unknown) => assertThrows(act, Error).message;

Deno.test("without flags nothing is signed or verified", () => {
  assertEquals(keys([]), { sign: undefined, verify: undefined });
});

Deno.test("a secret in base64 is read from the file", () =>
  inFolder({ secret: `${SECRET}\n` }, (path) => {
    const { sign } = keys(["--sign-key-id", "a", "--sign-key-file", `${path}/secret`]);
    assertEquals(sign, { keyId: "a", key: secret(0) });
  }));

Deno.test("a JSON Web Key is read from the environment", () => {
  const environment = { KAFKA_RPC_SIGN_KEY: JSON.stringify(PAIR.private) };
  assertEquals(keys(["--sign-key-id", "a"], environment).sign?.key, PAIR.private);
});

Deno.test("keys that verify are secrets, public keys, and either with a principal", () => {
  const file = { a: SECRET, b: PAIR.public, c: { key: PAIR.public, principal: "billing" } };
  return inFolder({ "keys.json": file }, (path) => {
    const { verify } = keys(["--verify-keys-file", `${path}/keys.json`]);
    const { c } = file;
    assertEquals(verify, { a: secret(0), b: PAIR.public, c });
  });
});

Deno.test("a key without an id is refused, and the flag for it named", () => {
  const message = refused(() => keys(["--sign-key-file", "secret"]));
  assertEquals(message, "Cannot use --sign-key-file: the key has no id. Give --sign-key-id.");
});

Deno.test("an id without a key is refused, and both ways to give it named", () => {
  const message = refused(() => keys(["--sign-key-id", "a"]));
  const advice = "Give --sign-key-file FILE or the variable KAFKA_RPC_SIGN_KEY.";
  assertEquals(message, `Cannot use --sign-key-id a: the key is missing. ${advice}`);
});

Deno.test("a key that is neither JSON nor base64 is refused, and not shown", () => {
  const message = refused(() => keys(["--sign-key-id", "a"], { KAFKA_RPC_SIGN_KEY: "pa$$word" }));
  const advice = "Give a JSON Web Key, or the secret of an HMAC in base64.";
  const reason = "it is neither JSON nor base64";
  assertEquals(message, `Cannot use the key of KAFKA_RPC_SIGN_KEY: ${reason}. ${advice}`);
});

for (const [what, file] of Object.entries({ "a list": [1], "no JSON": "not JSON: pa$$word" })) {
  Deno.test(`keys that are ${what} are refused with the form they have`, () =>
    inFolder({ "keys.json": file }, (path) => {
      const message = refused(() => keys(["--verify-keys-file", `${path}/keys.json`]));
      const form = '{ "servers-1": { "kty": "OKP", "crv": "Ed25519", "x": "…" } }';
      const problem = `${path}/keys.json is no JSON object. Give keys by their ids, as in ${form}.`;
      assertEquals(message, `Cannot use --verify-keys-file: ${problem}`);
    }));
}

Deno.test("a misspelt part of a key that verifies is refused", () =>
  inFolder({ "keys.json": { a: { key: SECRET, principle: "billing" } } }, (path) => {
    const message = refused(() => keys(["--verify-keys-file", `${path}/keys.json`]));
    assertEquals(message.includes('a has "principle" beside key and principal'), true, message);
  }));
