import { assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

/** Serves the sources of this package, as a registry of modules does. */
function serveSources(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const source = await Deno.readTextFile(new URL(`.${pathname}`, root));
    return new Response(source, { headers: { "content-type": "application/typescript" } });
  });
}

Deno.test("the package works when it is imported over http, and without a configuration", async () => {
  await using server = serveSources();
  const { port } = server.addr;
  const folder = await Deno.makeTempDir();
  try {
    const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    const map = {
      imports: {
        ...imports,
        "@kafka-rpc/deno": `http://127.0.0.1:${port}/mod.ts`,
        "@kafka-rpc/deno/memory": `http://127.0.0.1:${port}/src/transport/memory/broker.ts`,
      },
    };
    await Deno.writeTextFile(`${folder}/map.json`, JSON.stringify(map));
    for (const name of ["imported.ts", "imported_commands.ts"]) {
      await Deno.copyFile(new URL(`tests/attacks/fixtures/${name}`, root), `${folder}/${name}`);
    }
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-env",
        "--allow-net",
        "--allow-read",
        "--allow-run",
        "--no-lock",
        "--no-config",
        "--no-check",
        `--allow-import=127.0.0.1:${port}`,
        `--reload=http://127.0.0.1:${port}`,
        `--import-map=${folder}/map.json`,
        `${folder}/imported.ts`,
      ],
      cwd: folder,
    }).output();
    const text = new TextDecoder();
    assertEquals(text.decode(stdout), "2\n3\n", text.decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
