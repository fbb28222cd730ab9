// Which calls are shown.
import type { Arguments, Flags } from "../arguments.ts";
import type { SeenCall } from "./join.ts";

export const FILTER_FLAGS: Flags = {
  command: { value: "NAME,…", help: "only calls of these commands" },
  code: { value: "CODE,…", help: 'only these outcomes: ok, not_found, …, "no reply", one-way' },
  failed: { help: "only calls whose outcome is not ok" },
  server: { value: "ID,…", help: "only calls that these servers answered" },
  "slower-than": { value: "TIME", help: "only calls that took longer" },
};

/** A call is shown that passes all of them. */
export function filterOf(args: Arguments): (call: SeenCall) => boolean {
  const setOf = (name: string) => {
    const names = args.text(name)?.split(",").map((one) => one.trim());
    return names && new Set(names);
  };
  const commands = setOf("command");
  const codes = setOf("code");
  const servers = setOf("server");
  const slowerThan = args.duration("slower-than");
  const failed = args.flag("failed");
  return ({ command, code, server, ms }) =>
    (commands === undefined || command !== undefined && commands.has(command)) &&
    (codes === undefined || codes.has(code)) &&
    (servers === undefined || server !== undefined && servers.has(server)) &&
    (slowerThan === undefined || ms !== undefined && ms > slowerThan) &&
    !(failed && (code === "ok" || code === "one-way"));
}
