// How to reach the cluster: by flags, else the environment, else a named profile.
import { brokerAddresses } from "../transport/brokers.ts";
import type {
  ConnectionOptions,
  SaslOptions,
  TlsOptions,
} from "../transport/connection_options.ts";
import { LEVELS, silentLogger, stderrLogger } from "../logging/logger.ts";
import { show } from "../options/check.ts";
import { type ServiceNames, serviceNames, topicName } from "../options/topics.ts";
import { type Arguments, parseArguments } from "./arguments.ts";
import { CONNECTION_FLAGS, MECHANISMS } from "./connection_flags.ts";
import { profileArguments, profilesFile } from "./profiles.ts";
import { readText } from "./read_text.ts";
import { type GivenKeys, signingKeysOf } from "./signing_keys.ts";
import { UsageError } from "./usage_error.ts";

/** The cluster, and the topics of one service on it. */
export interface Connection extends ServiceNames {
  readonly options: ConnectionOptions;
  readonly keys: GivenKeys;
}

/** Shorter than that of a program: a person waits for it. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The variable of a flag: `--results-topic` is KAFKA_RPC_RESULTS_TOPIC. */
function variableOf(flag: string): string {
  if (flag === "brokers") return "KAFKA_BROKERS";
  return `KAFKA_RPC_${flag.toUpperCase().replaceAll("-", "_")}`;
}

function environmentArguments(environment: ReadonlyMap<string, string>): Arguments {
  const args = Object.entries(CONNECTION_FLAGS).flatMap(([name, { value }]) => {
    const text = environment.get(variableOf(name));
    if (value === undefined || text === undefined || text.trim() === "") return [];
    return [`--${name}=${text}`];
  });
  return parseArguments(args, CONNECTION_FLAGS);
}

/** Whether the variable turns TLS on or off; undefined where it says nothing. */
function tlsVariable(environment: ReadonlyMap<string, string>): boolean | undefined {
  const text = environment.get("KAFKA_RPC_TLS")?.trim();
  switch (text) {
    case undefined:
    case "":
      return undefined;
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      throw new UsageError(
        `Cannot use the variable KAFKA_RPC_TLS: it is ${show(text)}. Give true or false.`,
      );
  }
}

/** Reads what was given for the connection. Files are read, the cluster is not asked. */
export function connectionOf(
  args: Arguments,
  environment: ReadonlyMap<string, string>,
): Connection {
  const profile = args.text("profile") ?? environment.get("KAFKA_RPC_PROFILE");
  const sources = [args, environmentArguments(environment)];
  if (profile) {
    sources.push(profileArguments(profilesFile(args, environment), profile, CONNECTION_FLAGS));
  }
  const sourceOf = (name: string) => sources.find((source) => source.flag(name));
  const text = (name: string) => sourceOf(name)?.text(name);
  const tls = args.flag("tls") ? true : tlsVariable(environment);
  if (tls === false) {
    refuseSettingsOfTls((name) => {
      const source = sourceOf(name);
      if (source === undefined) return undefined;
      const places = [`--${name}`, variableOf(name), `"${name}" of the profile ${profile}`];
      return places[sources.indexOf(source)];
    });
  }
  const names = serviceNames({
    topic: text("topic"),
    resultsTopic: text("results-topic"),
    group: text("group"),
  });
  topicName(names.topic, "--topic");
  topicName(names.resultsTopic, "--results-topic");
  const level = args.oneOf("log", LEVELS);
  const brokers = text("brokers")?.split(",").map((one) => one.trim()).filter(Boolean);
  return {
    options: {
      brokers: brokers && brokerAddresses(brokers, "--brokers"),
      clientId: text("client-id") ?? "kafka-rpc-cli",
      connectTimeoutMs: sourceOf("connect-timeout")?.duration("connect-timeout") ??
        CONNECT_TIMEOUT_MS,
      ssl: tlsOf(text, tls ?? sourceOf("tls") !== undefined),
      sasl: saslOf(text, sourceOf("sasl-mechanism"), environment),
      logger: level === undefined ? silentLogger : stderrLogger(level),
    },
    ...names,
    keys: signingKeysOf(text, environment),
  };
}

/** Flags that are paths of PEM files, and turn TLS on. */
const PEM_FLAGS = ["ca", "cert", "key"];

/** A certificate beside `false` is a mistake: without TLS, a password would go over in clear text. */
function refuseSettingsOfTls(placeOf: (name: string) => string | undefined): void {
  const [place] = [...PEM_FLAGS, "servername"].flatMap((name) => placeOf(name) ?? []);
  if (place === undefined) return;
  throw new UsageError(
    `Cannot use the variable KAFKA_RPC_TLS: it turns TLS off, and ${place} is for TLS. ` +
      "Leave one of them out.",
  );
}

type Text = (name: string) => string | undefined;

function tlsOf(text: Text, isAsked: boolean): TlsOptions | boolean {
  const files = PEM_FLAGS.flatMap((name) => {
    const path = text(name);
    return path === undefined ? [] : [[name, readText(path, `--${name}`)]];
  });
  const servername = text("servername");
  if (files.length === 0 && servername === undefined) return isAsked;
  return { ...Object.fromEntries(files), ...(servername !== undefined && { servername }) };
}

function saslOf(
  text: Text,
  mechanisms: Arguments | undefined,
  environment: ReadonlyMap<string, string>,
): SaslOptions | undefined {
  const username = text("username");
  const asked = mechanisms?.oneOf("sasl-mechanism", MECHANISMS);
  if (username === undefined && asked === undefined) return undefined;
  const mechanism = asked ?? "plain";
  if (username === undefined) {
    throw new UsageError("Cannot use --sasl-mechanism: the user is missing. Give --username.");
  }
  const file = text("password-file");
  const password = file === undefined
    ? environment.get("KAFKA_RPC_PASSWORD")
    : readText(file, "--password-file").replace(/\r?\n$/, "");
  if (password) return { mechanism, username, password };
  throw new UsageError(
    `Cannot use --username ${username}: the password is missing. Give --password-file FILE or the ` +
      "variable KAFKA_RPC_PASSWORD.",
  );
}
