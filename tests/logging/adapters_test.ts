// The adapters of docs/log.md, on loggers that do what pino and LogTape document.
import { assertEquals } from "@std/assert";
import type { Logger } from "../../src/logging/logger.ts";
import { safeLogger } from "../../src/logging/logger.ts";
import { ScratchFolder } from "../scratch_folder.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/log.md", import.meta.url));

/** Both note [level, fields, text], and how they were made. */
const LIBRARIES: Readonly<Record<string, string>> = {
  // Fields first: https://github.com/pinojs/pino/blob/main/docs/api.md#logging-method-parameters
  pino: `
    const note = (level) => (fields, text) => lines.push([level, fields, text]);
    const pino = ({ serializers }) => ({
      serializers, debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error"),
    });
    pino.stdSerializers = { err: (error) => error };`,
  // Templates: https://logtape.org/manual/struct
  getLogger: `
    const literal = (text) => text.replaceAll(/\\{\\{|\\}\\}|\\{.*?\\}/g, (part) =>
      part.length === 2 && part !== "{}" ? part[0] : "undefined");
    const note = (level) => (text, fields) => lines.push([level, fields, literal(text)]);
    const getLogger = () => ({
      debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error"),
    });`,
};

for (const [factory, library] of Object.entries(LIBRARIES)) {
  Deno.test(`the adapter of docs/log.md for ${factory} passes level, text and fields on`, async () => {
    const snippets = [...PAGE.matchAll(/```ts ignore\n(.*?)```/gs)].map(([, code]) => code!);
    const snippet = snippets.find((code) => code.includes(`${factory}(`))!;
    const module = `export const lines = [];\n${library}\n${snippet}`;
    await using files = await ScratchFolder.create({ "adapter.js": module });
    const { logger, lines } = await import(files.url("adapter.js").href) as {
      logger: Logger;
      lines: unknown[];
    };
    const safe = safeLogger(logger);
    const error = new RangeError("no");
    const levels = ["debug", "info", "warn", "error"] as const;
    for (const level of levels) safe[level]("`a {text}`", { id: "1", error });
    assertEquals(lines, levels.map((level) => [level, { id: "1", error }, "`a {text}`"]));
  });
}
