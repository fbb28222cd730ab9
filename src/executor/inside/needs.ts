// What commands say that they need, against what is granted where they run.
import type { NeededPermissions } from "../../contract/contract.ts";

/**
 * Throws where a command needs a permission that it does not have here: at the start, not at its
 * first call. Self-contained, because it travels as text.
 */
export function checkNeeds(command: string, needs: NeededPermissions): void {
  const words: Readonly<Record<keyof NeededPermissions, string>> = {
    net: "host",
    env: "variable",
    read: "path",
    write: "path",
    sys: "kind",
    run: "command",
    ffi: "path",
  };
  for (const name of Object.keys(words) as (keyof NeededPermissions)[]) {
    const needed = needs[name] ?? [];
    for (const one of typeof needed === "boolean" ? needed ? [undefined] : [] : needed) {
      const part = one === undefined ? {} : { [words[name]]: one };
      const { state } = Deno.permissions.querySync({ name, ...part } as Deno.PermissionDescriptor);
      if (state === "granted") continue;
      const what = one === undefined ? "true" : `[${JSON.stringify(one)}]`;
      throw new TypeError(
        `the contract of its command ${
          JSON.stringify(command)
        } needs { ${name}: ${what} }, which is ` +
          "not granted. Grant it by the option `permissions` of serve(), in process by a flag of the " +
          "program; or leave it out of the contract",
      );
    }
  }
}
