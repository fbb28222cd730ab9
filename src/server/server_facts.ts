// What a server says of itself.
import { clock } from "../async/clock.ts";
import type { Executor } from "../executor/executor.ts";
import { BUILT_IN_TYPES } from "../wire/codecs/codecs.ts";
import type {
  CommandDescription,
  CommandInfo,
  ServerDetail,
  ServerInfo,
  ServerPing,
  ServerStats,
} from "../wire/discovery.ts";
import { WIRE_VERSION } from "../wire/headers.ts";
import { utf8 } from "../wire/utf8.ts";
import { PACKAGE_VERSION } from "../wire/package_version.ts";
import type { CommandPolicies } from "./command_policies.ts";
import type { CommandStatistics } from "./command_statistics.ts";
import type { ServerCounts } from "./counts.ts";
import type { ServerSettings } from "./settings.ts";

/** Most bytes of an answer: less than any topic takes, and than a flood of questions could abuse. */
const MAX_ANSWER_BYTES = 200_000;
const CALL: CommandDescription = { kind: "call" };

export interface ServerFactsOptions {
  /** Id of the server. */
  readonly id: string;
  readonly settings: ServerSettings;
  readonly executor: Executor;
  readonly policies: CommandPolicies;
  readonly statistics: CommandStatistics;
  readonly counts: ServerCounts;
  /** Undefined while it is no member of the group. */
  readonly partitions: () => readonly number[] | undefined;
}

/** Answers questions about a server. */
export class ServerFacts {
  readonly #options: ServerFactsOptions;
  readonly #startedAt = clock.wallTime();
  readonly #begun = clock.now();
  readonly #host = hostName();
  /** Whether it takes no more commands. */
  isDraining = false;

  constructor(options: ServerFactsOptions) {
    this.#options = options;
  }

  /** An answer as JSON, of at most so many bytes that every topic takes it. */
  answer(detail: ServerDetail): Uint8Array {
    if (detail === "ping") return utf8(JSON.stringify(this.#ping()));
    return detail === "info" ? this.#info() : fitted(this.#stats());
  }

  #ping(): ServerPing {
    const { id, settings: { topic, group }, partitions } = this.#options;
    const own = partitions();
    return {
      server: id,
      host: this.#host,
      version: PACKAGE_VERSION,
      protocol: WIRE_VERSION,
      topic,
      group,
      startedAt: new Date(this.#startedAt).toISOString(),
      state: this.isDraining ? "draining" : own === undefined ? "joining" : "serving",
      partitions: this.isDraining ? [] : own ?? [],
    };
  }

  #info(): Uint8Array {
    const { settings: { concurrency, limits }, executor } = this.#options;
    const described = new Map(executor.descriptions);
    const info: ServerInfo = {
      ...this.#ping(),
      commands: executor.commands.map((name) => this.#command(name, described.get(name) ?? CALL)),
      concurrency,
      limits,
      codecs: [...executor.contentTypes ?? BUILT_IN_TYPES].sort(),
    };
    const whole = utf8(JSON.stringify(info));
    if (whole.byteLength <= MAX_ANSWER_BYTES) return whole;
    return fitted({ ...info, commands: info.commands.map(withoutSchemas) });
  }

  #command(name: string, description: CommandDescription): CommandInfo {
    const { timeoutMs, queueMs, requestBytes, idempotent, concurrency, priority } = this.#options
      .policies.of(name);
    const policy = { timeoutMs, queueMs, requestBytes, idempotent, concurrency, priority };
    return { name, ...description, ...policy };
  }

  #stats(): ServerStats {
    const { counts, statistics } = this.#options;
    const { rss, heapUsed } = Deno.memoryUsage();
    return {
      ...this.#ping(),
      uptimeMs: Math.round(clock.now() - this.#begun),
      counts: { ...counts },
      commands: statistics.stats,
      memory: { rss, heapUsed },
    };
  }
}

function withoutSchemas(command: CommandInfo): CommandInfo {
  const { input, output, errors, ...rest } = command;
  if ((input ?? output ?? errors) === undefined) return command;
  const omitted = "The schemas of all commands together are too large for one answer.";
  return { ...rest, omitted };
}

/** As many of the commands as there is room for. */
function fitted<Answer extends ServerInfo | ServerStats>(answer: Answer): Uint8Array {
  const { commands } = answer;
  let count = commands.length;
  let bytes = utf8(JSON.stringify(answer));
  while (bytes.byteLength > MAX_ANSWER_BYTES && count > 0) {
    count = Math.floor(count / 2);
    const commandsOmitted = commands.length - count;
    bytes = utf8(
      JSON.stringify({ ...answer, commands: commands.slice(0, count), commandsOmitted }),
    );
  }
  return bytes;
}

/** Nothing is asked for: a prompt would hold up the start, and the name is worth none. */
function hostName(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname() : undefined;
}
