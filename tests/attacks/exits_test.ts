import { attacks } from "./arena.ts";

const reportOfFullHeap = "console.error('# Fatal JavaScript out of memory: Reached heap limit')";
const settled = /^unknown: Cannot finish "eval": its (worker|process) ended/;

attacks("code that ends its own child is answered at once", [
  { name: "Deno.exit", code: "Deno.exit(3)", gets: settled },
  { name: "self.close", code: "self.close()", gets: settled },
  { name: "process.exit", code: "process.exit(4)", gets: settled },
  { name: "a kill of itself", code: "Deno.kill(Deno.pid, 'SIGKILL')", gets: settled },
  {
    name: "a SIGTERM for itself is ignored: a service manager signals the whole group",
    code: "Deno.kill(Deno.pid, 'SIGTERM'); 1",
    gets: /^ok: 1$/,
  },
  {
    name: "an error outside of its promise",
    code: "setTimeout(() => { throw new Error('boom'); }, 0); new Promise(() => {})",
    gets: /^unknown: .*boom/,
  },
  {
    name: "a rejection that nobody handles",
    code: "Promise.reject(new Error('unseen')); new Promise(() => {})",
    gets: /^unknown: .*unseen/,
  },
  {
    name: "a print of V8's report of a full heap before an exit",
    code: `${reportOfFullHeap}; Deno.exit(1)`,
    gets: settled,
  },
  {
    name: "a print of V8's report of a full heap before a signal",
    code: `${reportOfFullHeap}; Deno.kill(Deno.pid, 'SIGKILL')`,
    gets: /^unknown: .*its process ended by SIGKILL/,
  },
  {
    name: 'the words "out of memory" before a trap',
    code: "console.error('out of memory'); Deno.kill(Deno.pid, 'SIGTRAP')",
    gets: /^unknown: .*its process ended by SIGTRAP/,
  },
  {
    name: "process.abort",
    code: "process.abort()",
    gets: /^unknown: /,
  },
]);

attacks("the server's own process is out of reach", [
  {
    name: "a signal for the server",
    code: "Deno.kill(Deno.ppid, 'SIGTERM')",
    gets: /^permission_denied: .*"run"/,
  },
  {
    name: "a signal for the server by way of Node's interface",
    code: "process.kill(process.ppid, 'SIGTERM')",
    gets: /^permission_denied: .*"run"/,
  },
  {
    name: "a signal for the process group that it shares with the server",
    code: "Deno.kill(0, 'SIGTERM')",
    gets: /^permission_denied: .*"run"/,
  },
  {
    name: "a lower priority for the server",
    code: "await import('node:os').then((os) => os.setPriority(process.ppid, 19))",
    gets: /^permission_denied: /,
  },
  {
    name: "a signal for everybody",
    code: "Deno.kill(-1, 'SIGTERM')",
    gets: /^(permission_denied|unknown): /,
  },
  {
    name: "a handler that ignores SIGTERM does not save the child",
    code: "Deno.addSignalListener('SIGTERM', () => {}); while (true);",
    gets: /^deadline_exceeded: /,
    timeoutMs: 400,
  },
]);
