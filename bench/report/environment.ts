/**
 * What a run ran on.
 *
 * @module
 */
import os from "node:os";
import config from "../../deno.json" with { type: "json" };
import { kafkaVersion } from "../../tools/kafka/jars.ts";
import type { Results } from "./results.ts";

const onlyVersion = (specifier: string) => specifier.slice(specifier.lastIndexOf("@") + 1);

/** Versions of all that takes part; of a broker that runs elsewhere there is none. */
export async function versions(started: boolean): Promise<Record<string, string>> {
  return {
    "this package": `${config.version} ${await revision()}`.trim(),
    Deno: Deno.version.deno,
    Kafka: started ? kafkaVersion() : "that of KAFKA_BROKERS",
    kafkajs: onlyVersion(config.imports["kafkajs"]),
    "@platformatic/kafka": onlyVersion(config.imports["@platformatic/kafka"]),
  };
}

/** The machine. */
export function machine(): Results["machine"] {
  const cpus = os.cpus();
  const system = `${os.type()} ${os.release()} ${os.arch()}`;
  return { cpu: cpus[0]?.model.trim() ?? "unknown", cores: cpus.length, system };
}

/** The commit, and whether files differ from it; empty where this is no repository. */
async function revision(): Promise<string> {
  try {
    const command = new Deno.Command("git", {
      args: ["describe", "--always", "--dirty", "--exclude=*"],
      stderr: "null",
    });
    return new TextDecoder().decode((await command.output()).stdout).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return ""; // no git here
    throw error;
  }
}
