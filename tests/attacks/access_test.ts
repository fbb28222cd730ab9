import { attacks } from "./arena.ts";

const denied = (permission: string) => new RegExp(`^permission_denied: [^/]*"${permission}"[^/]*$`);

attacks("nothing of the host can be reached, and no path is named", [
  { name: "the environment", code: "Deno.env.get('HOME')", gets: denied("env") },
  { name: "all of the environment", code: "Deno.env.toObject()", gets: denied("env") },
  { name: "a file", code: "Deno.readTextFileSync('/etc/passwd')", gets: denied("read") },
  {
    name: "a file of the server",
    code: "Deno.readTextFileSync('deno.json')",
    gets: denied("read"),
  },
  {
    name: "a file by way of Node's interface",
    code: "await import('node:fs').then((fs) => fs.readFileSync('/etc/passwd', 'utf8'))",
    gets: denied("read"),
  },
  {
    name: "/proc",
    code: "Deno.readTextFileSync('/proc/self/environ')",
    gets: /^permission_denied: /,
  },
  { name: "a folder", code: "[...Deno.readDirSync('/')]", gets: denied("read") },
  { name: "writing a file", code: "Deno.writeTextFileSync('/tmp/x', 'x')", gets: denied("write") },
  { name: "a temporary file", code: "Deno.makeTempFileSync()", gets: denied("write") },
  {
    name: "the network",
    code: "await fetch('http://127.0.0.1:19092/')",
    gets: /^permission_denied: /,
  },
  {
    name: "a connection",
    code: "await Deno.connect({ hostname: '127.0.0.1', port: 9092 })",
    gets: denied("net"),
  },
  { name: "listening", code: "Deno.listen({ port: 0 })", gets: denied("net") },
  { name: "a name", code: "await Deno.resolveDns('example.com', 'A')", gets: denied("net") },
  { name: "a program", code: "new Deno.Command('/bin/ls').outputSync()", gets: denied("run") },
  {
    name: "a program by way of Node's interface",
    code: "await import('node:child_process').then((c) => c.execFileSync('/bin/ls'))",
    gets: /^permission_denied: /,
  },
  { name: "a native library", code: "Deno.dlopen('libc.so.6', {})", gets: denied("ffi") },
  { name: "the host's name", code: "Deno.hostname()", gets: denied("sys") },
  {
    name: "a permission by asking for it",
    code: "await Deno.permissions.request({ name: 'read' }).then(({ state }) => state)",
    gets: /^ok: "denied"$/,
  },
  {
    name: "a permission by asking the terminal",
    code: "await Deno.permissions.request({ name: 'net' }).then(({ state }) => state)",
    gets: /^ok: "denied"$/,
  },
]);

const adapter = "navigator.gpu.requestAdapter().then((found) => `adapter: ${found}`)";
attacks("the drivers of the host are not loaded", [
  { name: "a graphics adapter", code: `await ${adapter}`, gets: /^ok: "adapter: null"$/ },
  {
    name: "a graphics adapter by a worker of the worker",
    code: `await new Promise((resolve) => {
      const code = ${JSON.stringify(`${adapter}.then(postMessage)`)};
      const worker = new Worker("data:text/javascript," + encodeURIComponent(code), { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
    })`,
    gets: /^ok: "adapter: null"$/,
  },
]);

attacks("code from elsewhere is not loaded", [
  {
    name: "a file",
    code: "await import('file:///etc/passwd')",
    gets: /^permission_denied: /,
  },
  {
    name: "https",
    code: "await import('https://deno.land/std/version.ts')",
    gets: /^permission_denied: .*it imports a module/,
  },
  {
    name: "http on this machine",
    code: "await import('http://127.0.0.1:9/x.js')",
    gets: /^permission_denied: .*it imports a module/,
  },
  {
    name: "npm",
    code: "await import('npm:kafkajs@2.2.4')",
    gets: /^permission_denied: .*it imports a module/,
  },
  {
    name: "jsr",
    code: "await import('jsr:@std/assert')",
    gets: /^permission_denied: .*it imports a module/,
  },
  {
    name: "a data URL may be loaded, and can do no more",
    code: "await import('data:text/javascript,export default Deno.env.get(\"HOME\")')",
    gets: /^permission_denied: /,
  },
  {
    name: "a blob URL may be loaded, and can do no more",
    code:
      "await import(URL.createObjectURL(new Blob(['Deno.readTextFileSync(`/etc/passwd`)'], { type: 'text/javascript' })))",
    gets: /^permission_denied: /,
  },
  {
    name: "a worker of the worker has no permission either",
    code: `await new Promise((resolve) => {
      const code = "try { Deno.env.get('HOME') } catch (e) { postMessage(e.name) }";
      const worker = new Worker("data:text/javascript," + code, { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
    })`,
    gets: /^ok: "NotCapable"$/,
  },
]);
