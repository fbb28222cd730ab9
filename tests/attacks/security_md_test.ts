// Each claim of SECURITY.md's table has a row in a test, and each row is there.
import { assertEquals } from "@std/assert";

/** Files of tests, and titles in them. */
type Evidence = readonly [file: string, title: string];

const attacks = (file: string, ...titles: string[]): Evidence[] =>
  titles.map((title) => [`attacks/${file}_test.ts`, title]);
const other = (file: string, ...titles: string[]): Evidence[] =>
  titles.map((title) => [`${file}_test.ts`, title]);

const CLAIMS: Readonly<Record<string, readonly Evidence[]>> = {
  "the deadline, the smaller of the caller's and `limits.timeoutMs`": other(
    "server/answers",
    "a command over limits.timeoutMs is answered with deadline_exceeded",
    "a command over its caller's deadline is answered with deadline_exceeded",
  ),
  "then 100 ms of grace, then SIGKILL": [
    ...attacks("loops", "a loop at the top level of an expression", "a promise that never settles"),
    ...other("executor/job_channel", "a sandbox whose command does not heed its signal may not"),
  ],
  "V8's heap limit": attacks("memory", "a heap bomb", "strings that double and are kept"),
  "a look at the resident size every 25 ms by the supervisor in a thread of its own": attacks(
    "memory",
    "an ArrayBuffer bomb, which no heap limit sees",
    "a WASM memory bomb, which no heap limit sees",
    "a bomb that goes off after a while",
  ),
  "a look at all of them every 100 ms by the server, on Linux, where it has all permissions":
    attacks("memory", "page tables without end, which resident memory does not count"),
  "what a command posts to its supervisor is bytes that are handed over, anything else is refused before it is read":
    attacks(
      "memory",
      "two gigabytes that are not transferred",
      "a view that is no Uint8Array",
      "a view that says it is a Uint8Array",
      "an object that takes long to read",
    ),
  "too many bytes are refused by their length": [
    ...attacks("memory", "two gigabytes that are transferred"),
    ...attacks("module", "posts_at_import.ts"),
  ],
  "shared and resizable memory is refused": attacks(
    "memory",
    "two gigabytes of shared memory",
    "shared memory that grows after it was posted",
    "memory that is resized before it is posted",
  ),
  "a frame is copied once and judged then": other(
    "executor/inside/thread_channel",
    "breaks the channel, and nothing is taken of it",
  ),
  "a length is at most what the memory holds, and what is no frame ends the child": attacks(
    "shared_memory",
    "a frame of four gigabytes",
    "more bytes than the memory has",
    "ends its child",
  ),
  "the supervisor never waits for it": attacks(
    "shared_memory",
    "a worker that writes without end does not keep its supervisor from the memory",
    "a worker that writes without end does not outlive the server",
  ),
  "no command has that memory": attacks(
    "shared_memory",
    "no command gets the memory, whatever it puts in the place of the language's functions",
  ),
  "only the child ends": attacks(
    "exits",
    "a signal for the server",
    "a SIGTERM for itself",
    "a signal for the process group that it shares with the server",
  ),
  "its caller gets `unknown`": attacks("exits", "Deno.exit", "a kill of itself", "process.abort"),
  "a fresh child takes its place": [
    ...attacks("module", "a module that never yields is replaced, and its state begins anew"),
    ...attacks("two_slots", "a kill of itself"),
  ],
  "what it printed before does not change the code": attacks(
    "exits",
    "a print of V8's report of a full heap before an exit",
    "a print of V8's report of a full heap before a signal",
    "before a trap",
  ),
  "Deno's permissions, none are granted": attacks(
    "access",
    "the environment",
    "a file",
    "/proc",
    "writing a file",
    "a connection",
    "a program",
    "a native library",
  ),
  "the caller gets `permission_denied`, without paths or hosts in the text": attacks(
    "access",
    "nothing of the host can be reached, and no path is named",
  ),
  "no other interface has more, Node's included": attacks(
    "escalation",
    "each kind of permission by asking for it",
    "a worker of the worker that asks for permissions of its own",
    "a worker by Node's interface",
    "a snapshot of the heap on the disk",
    "a database on the disk",
    "the inspector, which listens",
  ),
  "what is granted reaches no further": attacks(
    "escalation",
    "a module that may reach one port and one variable reaches no other",
  ),
  "a child with more than was granted runs nothing": attacks(
    "descriptors",
    "a child with more permissions than were granted runs nothing",
  ),
  "each is covered by a closed pipe before the child starts, on Linux": attacks(
    "descriptors",
    "that the server's parent left open cannot be read by an expression",
    "the descriptors that children would inherit are found, and no other",
  ),
  "WebGPU has a backend without hardware": attacks(
    "access",
    "a graphics adapter",
    "a graphics adapter by a worker of the worker",
  ),
  "nothing is fetched, `--no-remote`, `--no-npm`, `--cached-only`": attacks(
    "access",
    "https",
    "http on this machine",
    "npm",
    "jsr",
  ),
  "what the module itself imports was fetched when the server started": attacks(
    "module",
    "a module that imports an npm package runs",
    "a module that imports a jsr package runs",
  ),
  "an import of a folder, or of what is not there, opens nothing": attacks(
    "imports",
    "opens nothing",
    "a file that appears after the start is not open, though the module names it",
  ),
  "expressions get no variable of one, and modules no password of one": attacks(
    "registry_secret",
    "expressions get no variable of a registry",
    "a module that uses npm gets its registry without a password",
  ),
  "every frame begins with a secret of the child that its commands do not know": attacks(
    "pipes",
    "a forged reply on standard output ends the child",
  ),
  "anything else on the pipe ends the child": attacks(
    "pipes",
    "text on standard output ends the child",
    "a length that is larger than everything ends the child",
  ),
  "only jobs in flight are believed": attacks(
    "pipes",
    "an answer to no job in flight ends the child",
    "a flood of answers to earlier jobs ends the child",
  ),
  "the supervisor's own words cannot be forged": attacks(
    "pipes",
    "the supervisor's own words cannot be forged",
  ),
  "at most 1 000 commands with names of 255 characters": [
    ...attacks("module", "forges_ready.ts"),
    ...other("executor/sandbox_messages", "commands without end", "a name that no caller can send"),
  ],
  "messages of 256 KiB": attacks(
    "pipes",
    "a forged message whose JSON is long is not even parsed",
  ),
  "no word about no job, and none by which commands have their child replaced": attacks(
    "pipes",
    "a flood of words about no job ends the child",
    "a command that says that its child is spent ends it",
  ),
  "failures are cut": [
    ...attacks("pipes", "a forged failure with details without end ends the child"),
    ...other("executor/sandbox_messages", "long texts of a failure are cut"),
  ],
  "a result over `limits.resultBytes` is refused by its length": attacks(
    "memory",
    "a string over the limit, with both sizes in the text",
    "a frame that only claims to be long",
    "a result over the limit that is posted past what runs commands",
  ),
  "lines are cut at 1 KiB": [
    ...attacks("pipes", "a line without end is cut"),
    ...other("executor/output_lines", "a line is cut at 1 KiB"),
  ],
  "200 lines a second of a server, of what is left of them a third for each sandbox": [
    ...attacks("log", "an expression that floods the log leaves lines to its neighbours"),
    ...other("executor/output_lines", "sandboxes that share a budget share 200 lines a second"),
  ],
  "what a terminal obeys is escaped": attacks(
    "log",
    "what a terminal would obey is escaped in the lines of commands",
  ),
  "each expression has a realm or a child of its own": attacks(
    "throws",
    "a polluted prototype",
    "a global",
    "replaced JSON, Promise and postMessage",
  ),
  "what it leaves running ends with it": attacks(
    "loops",
    "a timer that loops",
    "a loop that waits for the collector",
    "a loop that waits for shared memory",
    "an answer to the next call, made in advance",
  ),
  "nothing is stored on the disk without a permission": attacks(
    "throws",
    "storage that needs no permission",
    "storage of a worker of the worker, which writes to the disk without a permission",
  ),
  "the calls that a child of a module gets share its copy of the module's state": attacks(
    "module",
    "a module in TypeScript runs, with its own imports and its state",
    "a module that never yields is replaced, and its state begins anew",
  ),
  "each is evaluated in a fresh realm": other(
    "executor/expressions",
    "one child evaluates many expressions, and nothing of one is there for the next",
  ),
  "only text goes into a realm and out of it": other(
    "executor/inside/realm",
    "what a realm gives is text, whatever the expression made of its globals",
    "a realm is not left by",
  ),
  "nothing makes code of text there": other(
    "executor/inside/realm",
    "no text in a realm makes code any more",
  ),
  "its outcome leaves when nothing of it is left to run": attacks(
    "realms",
    "a loop of microtasks that its result does not wait for",
  ),
  "what a realm has not is asked of a child of its own": other(
    "executor/expressions",
    "an expression gives the same in a realm and in a child of its own",
  ),
  "a child that ends is answered by one of the expression's own": attacks(
    "realms",
    "a heap that earlier expressions filled",
  ),
  "a child ends itself when its standard input ends, however the server ended": attacks(
    "life",
    "a child that never yields ends when the server gets",
    "a child that never yields ends when its pool is closed",
  ),
  "starts back off from 0.1 s to 5 s": attacks(
    "life",
    "sandboxes that crash again and again are started ever more slowly",
  ),
  "while none succeeds, callers get `resource_exhausted` at once": attacks(
    "life",
    "a machine that can start no sandbox answers resource_exhausted",
  ),
  "what has not begun runs elsewhere, exactly once": [
    ...attacks(
      "neighbours",
      "costs neighbours that had not begun nothing, and none runs twice",
      "a command that replaces Atomics makes no neighbour run twice",
    ),
    ...other(
      "executor/worker_sandbox",
      "jobs behind one that computes are taken back from a worker, and never run in it",
    ),
  ],
  "what had begun gets `aborted` when the child is killed": attacks(
    "neighbours",
    "costs neighbours that had begun an aborted, at once",
    "gives each call that had begun aborted",
  ),
  "while one computes, its child gets no call": other(
    "executor/shared_sandboxes",
    "nothing is sent to a sandbox that computes",
  ),
  "a command that only waits past its deadline costs its neighbours nothing, until more sandboxes end with their calls than the server has":
    [
      ...attacks(
        "neighbours",
        "a command that waits past its deadline costs its neighbours nothing",
      ),
      ...other(
        "executor/shared_sandboxes",
        "more retired sandboxes than the pool has cost the oldest its calls",
      ),
    ],
  "the end of each sandbox is a warning with command, id and reason": attacks(
    "log",
    "ended is one warning with command, id, reason and figure",
  ),
};

const ROOT = new URL("../../", import.meta.url);

/** The claims of the first table, in their order. */
function claims(): string[] {
  const text = Deno.readTextFileSync(new URL("SECURITY.md", ROOT));
  const table = text.slice(
    text.indexOf("| threat"),
    text.indexOf("\n\n", text.indexOf("| threat")),
  );
  return table.split("\n").slice(2).flatMap((row) => row.split("|")[2]!.trim().split("; "));
}

Deno.test("each claim of SECURITY.md's table is one that has its tests, and no other", () => {
  assertEquals(claims().sort(), Object.keys(CLAIMS).sort());
});

Deno.test("each test that a claim of SECURITY.md's table rests on is there", () => {
  const missing = Object.values(CLAIMS).flat().filter(([file, title]) => {
    return !Deno.readTextFileSync(new URL(`tests/${file}`, ROOT)).includes(title);
  });
  assertEquals(missing, []);
});
