// `acls`: the lines that grant a principal what it needs.
import type { Command } from "./command.ts";
import { brokerList } from "../transport/brokers.ts";
import { EXIT } from "./exit_code.ts";
import { byResource, rightsOf, SIDES } from "./rights.ts";
import { UsageError } from "./usage_error.ts";

export const acls: Command = {
  name: "acls",
  summary: "Prints the kafka-acls.sh lines that a client or a server needs; nothing is changed.",
  operands: "",
  operandCount: [0, 0],
  flags: {
    "principal": { value: "NAME", help: "whom to allow, as in User:billing; required" },
    "role": { value: "ROLE", words: SIDES, help: "client or server; default: both" },
    "dead-letters": { help: "the server keeps unreadable requests (deadLetters: true)" },
    "create-topics": { help: "it creates the topics as well (createTopics)" },
    "command-config": { value: "FILE", help: "added to each line: login of kafka-acls.sh itself" },
  },
  run({ args, connection, output }) {
    const principal = args.text("principal");
    if (!principal || !/^[^:\s]+:\S/.test(principal)) {
      throw new UsageError(
        "Cannot print ACLs: there is no principal. Give --principal User:NAME, as the brokers call it.",
      );
    }
    const role = args.oneOf("role", SIDES);
    const deadLetters = args.flag("dead-letters");
    const rights = rightsOf(connection, { deadLetters })
      .filter(({ side }) => role === undefined || side === role);
    const topics = [
      ...new Set(rights.flatMap((one) => one.resource === "topic" ? [one.name] : [])),
    ];
    const create = args.flag("create-topics")
      ? topics.map((name) => ({ resource: "topic" as const, name, operations: ["Create"] }))
      : [];
    const wanted = [...byResource(rights), ...create].map((one) => {
      return { ...one, operations: [...new Set(one.operations)] };
    });
    if (output.isJson) output.value({ principal, rights: wanted });
    else {
      const config = args.text("command-config");
      const start = [
        "kafka-acls.sh",
        "--bootstrap-server",
        brokerList(connection.options.brokers)[0]!,
      ]
        .concat(config === undefined ? [] : ["--command-config", quoted(config)])
        .concat("--add", "--allow-principal", quoted(principal));
      for (const { resource, name, operations } of wanted) {
        const allowed = operations.flatMap((operation) => ["--operation", operation]);
        output.line([...start, ...allowed, `--${resource}`, quoted(name)].join(" "));
      }
    }
    return Promise.resolve(EXIT.ok);
  },
};

/** For a shell, where it needs quotes. */
function quoted(word: string): string {
  return /^[\w.:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
