/**
 * A secured node until Ctrl-C: prints its listeners as variables of a shell.
 *
 * @module
 */
import { startSecuredNode } from "./secured_node.ts";
import { USERS } from "./listeners.ts";

if (import.meta.main) {
  await using node = await startSecuredNode({ log: (line) => console.error(line) });
  for (const name of node.listeners) {
    console.log(`export ${name.toUpperCase()}=${node.brokers(name).join()}`);
  }
  console.log(`export CERTIFICATES=${node.certificates.folder}`);
  for (const [user, password] of Object.entries(USERS)) console.log(`# ${user}: ${password}`);
  console.error("Ctrl-C stops it.");
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stopped.resolve());
  }
  await stopped.promise;
}
