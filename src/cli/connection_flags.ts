// The flags that say how to reach a cluster.
import { LEVELS } from "../logging/logger.ts";
import type { Flags } from "./arguments.ts";
import { SIGNING_FLAGS } from "./signing_keys.ts";

export const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;

/** Flags of every command that has to do with a cluster; a profile has the same names. */
export const CONNECTION_FLAGS: Flags = {
  "brokers": { value: "HOST:PORT,…", help: "bootstrap brokers; default: 127.0.0.1:9092" },
  "topic": { value: "NAME", help: "topic of the commands; default: commands" },
  "results-topic": { value: "NAME", help: "default: TOPIC_results" },
  "group": { value: "NAME", help: "group of the servers; default: TOPIC-servers" },
  "client-id": { value: "NAME", help: "name in the broker's logs; default: kafka-rpc-cli" },
  "connect-timeout": { value: "TIME", help: "wait for a broker; default: 5s" },
  "tls": { help: "encrypt, by the system's authorities" },
  "ca": { value: "FILE", help: "authorities to trust, PEM; implies --tls" },
  "cert": { value: "FILE", help: "certificate of this program, PEM" },
  "key": { value: "FILE", help: "its private key, PEM" },
  "servername": { value: "NAME", help: "name in the broker's certificate" },
  "sasl-mechanism": {
    value: "NAME",
    words: MECHANISMS,
    help: "plain, scram-sha-256 or scram-sha-512",
  },
  "username": { value: "NAME", help: "implies --sasl-mechanism plain" },
  "password-file": { value: "FILE", help: "else the variable KAFKA_RPC_PASSWORD" },
  ...SIGNING_FLAGS,
};

export const PROFILE_FLAGS: Flags = {
  "profile": { value: "NAME", help: "a profile; default: the variable KAFKA_RPC_PROFILE" },
  "profiles": { value: "FILE", help: "default: ~/.config/kafka-rpc/profiles.json" },
  "log": { value: "LEVEL", words: LEVELS, help: "log lines from debug, info, warn or error on" },
};
