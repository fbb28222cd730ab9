// What SECURITY.md says of `isolation: "worker"`: it is no sandbox.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { within } from "../within.ts";

/** Starts a server that runs a command in a worker. */
function start(...args: string[]): Deno.ChildProcess {
  const script = new URL("./fixtures/worker_server.ts", import.meta.url).href;
  const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, script, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

/** The first that it prints. */
async function printed(server: Deno.ChildProcess): Promise<string> {
  const reader = server.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

async function end(server: Deno.ChildProcess): Promise<void> {
  await server.stdin.close();
  server.kill("SIGKILL");
  await server.status;
}

Deno.test("a command in a worker has the permissions of the server", async () => {
  const server = start("readServersFile", new URL(import.meta.url).pathname);
  assertStringIncludes(await printed(server), "it is no sandbox");
  await end(server);
});

Deno.test("a command in a worker can end the process of the server", async () => {
  const server = start("endServer");
  const { signal } = await within(server.status, "the end of the server");
  await server.stdin.abort();
  await server.stdout.cancel();
  assertEquals(signal, "SIGKILL");
});

Deno.test("a loop in a worker goes on after its deadline, and its caller is answered", async () => {
  const path = await Deno.makeTempFile();
  const server = start("loop", path, "500");
  try {
    assertStringIncludes(await printed(server), "canceled: ");
    using watcher = Deno.watchFs(path);
    const grown = (async () => {
      for await (const { kind } of watcher) if (kind === "modify") return true;
      return false;
    })();
    assertEquals(await within(grown, "a write of the loop"), true);
  } finally {
    await end(server);
    await Deno.remove(path);
  }
});
