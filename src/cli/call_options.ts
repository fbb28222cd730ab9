// What every command that calls takes from the command line.
import type { CallOptions } from "../client/call_options.ts";
import type { ConnectOptions } from "../client/options.ts";
import { type Arguments, type Flag, wrongValue } from "./arguments.ts";
import type { Connection } from "./connection.ts";

export const METADATA_FLAG: Flag = {
  value: "NAME=TEXT",
  multiple: true,
  help: "a header for the command; repeatable",
};

/** An operator's typing error must not create topics. */
export function clientOptions(
  { options, ...names }: Connection,
  signal: AbortSignal,
): ConnectOptions {
  const { topic, resultsTopic, group, keys } = names;
  return { ...options, ...keys, topic, resultsTopic, group, createTopics: false, signal };
}

export function callOptions(args: Arguments, signal: AbortSignal): CallOptions {
  const metadata = Object.fromEntries(
    args.list("metadata").map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw wrongValue("metadata", text, "Give NAME=TEXT.");
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
  return {
    timeoutMs: args.duration("timeout"),
    waitForServer: args.flag("wait"),
    metadata,
    signal,
  };
}
