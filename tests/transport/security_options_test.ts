import { assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { saslOptions, tlsOptions } from "../../src/transport/security_options.ts";
import { RpcError } from "../../src/wire/errors.ts";

const sasl = (value: unknown) => saslOptions(value, "sasl");
const ssl = (value: unknown) => tlsOptions(value, "ssl");
const PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const PLAIN = { mechanism: "plain", username: "bob", password: "s3cret" };
const AWS = {
  mechanism: "aws",
  authorizationIdentity: "AIDA",
  accessKeyId: "AKIA",
  secretAccessKey: "s3cret",
};

const CREDENTIALS = [
  PLAIN,
  { ...PLAIN, mechanism: "scram-sha-256" },
  { ...PLAIN, mechanism: "scram-sha-512" },
  { mechanism: "oauthbearer", oauthBearerProvider: () => Promise.resolve({ value: "token" }) },
  AWS,
  { ...AWS, sessionToken: "t" },
];
for (const options of CREDENTIALS) {
  Deno.test(`${Object.keys(options)} of ${options.mechanism} are taken as a copy`, () => {
    const given = Object.freeze(options);
    const taken = sasl(given);
    assertEquals(taken, given as unknown);
    assertNotStrictEquals(taken, given as unknown);
  });
}

Deno.test("what the library writes into the copy does not reach the caller's object", () => {
  const given = { ...PLAIN };
  Object.assign(sasl(given), { authenticationProvider: () => {} });
  assertEquals(given, PLAIN);
});

for (const file of ["/run/secrets/kafka", new URL("file:///run/secrets/kafka")]) {
  Deno.test(`texts may be in a file, given as ${Deno.inspect(file).slice(0, 10)}`, () => {
    const given = { ca: { file }, cert: { file }, key: { file }, passphrase: { file } };
    assertEquals(ssl(given), given);
    const login: unknown = { ...PLAIN, password: { file } };
    assertEquals(sasl(login), login);
  });
}

for (const check of [ssl, sasl]) {
  Deno.test(`a function is taken as it is, for ${check === ssl ? "ssl" : "sasl"}`, () => {
    const ask = () => ({});
    assertStrictEquals(check(ask), ask as unknown);
  });
}

const WRONG_SASL: [unknown, string][] = [
  [null, "`sasl`: it is not an object"],
  ["bob:s3cret", "`sasl`: it is not an object"],
  [[], "`sasl`: it is not an object"],
  [{}, '`sasl.mechanism`: it is missing. Give "plain", '],
  [{ ...PLAIN, mechanism: "PLAIN" }, '`sasl.mechanism`: it is "PLAIN". Did you mean "plain"?'],
  [{ ...PLAIN, mechanism: "scram" }, 'Did you mean "scram-sha-256" or "scram-sha-512"?'],
  [{ ...PLAIN, mechanism: "gssapi" }, '`sasl.mechanism`: it is "gssapi". Give "plain", '],
  [{ ...PLAIN, mechanism: 5 }, "`sasl.mechanism`: it is 5."],
  [{ ...PLAIN, username: undefined }, "`sasl.username`: it is missing."],
  [{ ...PLAIN, password: "" }, "`sasl.password`: it is empty."],
  [{ ...PLAIN, password: 12345 }, "`sasl.password`: it is a number."],
  [{ mechanism: "plain", user: "bob", password: "x" }, "Did you mean `sasl.username`?"],
  [{ ...PLAIN, accessKeyId: "x" }, '`sasl` with the mechanism "plain" has no option of this name'],
  [{ ...PLAIN, password: { path: "x" } }, "`sasl.password.path`: `sasl.password` has no option"],
  [{ ...PLAIN, password: { file: "" } }, '`sasl.password.file`: it is "".'],
  [
    { ...PLAIN, password: { file: new URL("https://vault.example/x") } },
    "`sasl.password.file`: it is a URL of https:. Give a path, or a URL of file:.",
  ],
  [{ mechanism: "oauthbearer" }, "`sasl.oauthBearerProvider`: it is missing. Give a function"],
  [
    { mechanism: "oauthbearer", oauthBearerProvider: "token" },
    "`sasl.oauthBearerProvider`: it is a string. Give a function",
  ],
  [{ ...AWS, secretAccessKey: undefined }, "`sasl.secretAccessKey`: it is missing."],
  [{ ...AWS, sessionToken: 5 }, "`sasl.sessionToken`: it is a number."],
];
for (const [options, text] of WRONG_SASL) {
  Deno.test(`the credentials ${Deno.inspect(options)} are refused: ${text}`, () => {
    const { message } = assertThrows(() => sasl(options), RpcError, text);
    assertEquals(/s3cret|12345/.test(message), false);
  });
}

for (const options of [true, false, {}, { ca: PEM }, { ca: [PEM] }, { cert: PEM, key: PEM }]) {
  Deno.test(`ssl may be ${Deno.inspect(options).slice(0, 30)}`, () => {
    assertEquals(ssl(Object.freeze(options)), options);
  });
}

const WRONG_SSL: [unknown, string][] = [
  [null, "`ssl`: it is null, not an object"],
  ["s3cret", "`ssl`: it is a string. Give true, or an object, for example"],
  [
    { certificate: PEM },
    "`ssl.certificate`: `ssl` has no option of this name. Did you mean `ssl.cert`?",
  ],
  [{ ca: "./ca.pem" }, '`ssl.ca`: it has no line "-----BEGIN …-----". Give the text of a PEM file'],
  [{ ca: [PEM, "x"] }, "`ssl.ca[1]`: it has no line"],
  [{ key: "s3cret" }, "`ssl.key`: it has no line"],
  [{ key: new Uint8Array(1) }, "`ssl.key`: it is no text"],
  [{ cert: PEM }, "`ssl.cert`: `ssl.key` is missing. Give both."],
  [{ key: PEM }, "`ssl.key`: `ssl.cert` is missing. Give both."],
  [{ passphrase: 12345 }, "`ssl.passphrase`: it is a number."],
  [{ servername: "" }, '`ssl.servername`: it is "".'],
  [{ rejectUnauthorized: "false" }, '`ssl.rejectUnauthorized`: it is "false". Give true or false.'],
];
for (const [options, text] of WRONG_SSL) {
  Deno.test(`ssl: ${Deno.inspect(options).slice(0, 40)} is refused: ${text}`, () => {
    const { message } = assertThrows(() => ssl(options), RpcError, text);
    assertEquals(/s3cret|12345/.test(message), false);
  });
}
