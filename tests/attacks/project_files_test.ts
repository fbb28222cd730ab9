// What the files of a module's project can make the server do before the module runs.
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { Arena } from "./arena.ts";

const COMMANDS = { "commands.ts": "export const ping = () => 'pong';", "deno.json": "{}" };

Deno.test("a registry of the project gets no variable of the server that is not granted", async () => {
  const npmrc = "@evil:registry=http://127.0.0.1:1/${SERVER_SECRET}/";
  await using folder = await ScratchFolder.create({ ...COMMANDS, ".npmrc": npmrc });
  const open = () => Arena.open({ module: folder.url("commands.ts"), size: 1 });
  await assertRejects(open, RpcError, 'names the variable "SERVER_SECRET"');
});

Deno.test("a registry of the project may name a variable that the server grants", async () => {
  const npmrc = "@ours:registry=http://127.0.0.1:1/${GRANTED_TOKEN}/";
  await using folder = await ScratchFolder.create({ ...COMMANDS, ".npmrc": npmrc });
  const permissions = { env: ["GRANTED_*"] };
  await using arena = await Arena.open({
    module: folder.url("commands.ts"),
    size: 1,
    permissions,
  });
  assertEquals(await arena.run(null, { command: "ping" }), 'ok: "pong"');
});

Deno.test("a device that the project names as its lock file is not read", async () => {
  const config = JSON.stringify({ lock: "/dev/zero" });
  await using folder = await ScratchFolder.create({ ...COMMANDS, "deno.json": config });
  await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
  assertEquals(await arena.run(null, { command: "ping" }), 'ok: "pong"');
});
