// What an editor offers inside a call, as the language server says.
import { assertEquals } from "@std/assert";
import { within } from "../within.ts";
import { CONFIG, program } from "./program.ts";

/** It reads and checks this package first, which takes seconds of a processor. */
const LOADING_MS = 120_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly items?: readonly { readonly label: string }[] };
}

/** A language server, as an editor speaks to it. */
class LanguageServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #reading: Promise<void>;
  #id = 0;

  constructor() {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["lsp"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: { NO_COLOR: "1" },
    });
    this.#child = command.spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** Asks, and gives the answer. */
  async ask(method: string, params: unknown): Promise<Message> {
    const id = ++this.#id;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#answers.set(id, resolve);
    await this.#send({ id, method, params });
    return await within(promise, `the answer to ${method}`, LOADING_MS);
  }

  async notify(method: string, params: unknown): Promise<void> {
    await this.#send({ method, params });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ask("shutdown", null);
    await this.notify("exit", null);
    await this.#writer.close();
    await this.#reading;
    await this.#child.status;
  }

  async #send(message: object): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", ...message }));
    await this.#writer.write(
      new TextEncoder().encode(`Content-Length: ${body.byteLength}\r\n\r\n`),
    );
    await this.#writer.write(body);
  }

  async #read(): Promise<void> {
    let text = "";
    // Every character is one byte: lengths are of bytes, and labels are plain letters.
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream("latin1"))) {
      text += chunk;
      while (true) {
        const [head = "", length] = text.match(/^[^]*?Content-Length: (\d+)[^]*?\r\n\r\n/) ?? [];
        if (length === undefined || text.length < head.length + Number(length)) break;
        const message: Message = JSON.parse(text.slice(head.length, head.length + Number(length)));
        text = text.slice(head.length + Number(length));
        await this.#take(message);
      }
    }
  }

  async #take(message: Message): Promise<void> {
    if (message.method === undefined) this.#answers.get(message.id!)?.(message);
    // It asks for settings of the editor: there are none.
    else if (message.id !== undefined) await this.#send({ id: message.id, result: [] });
  }
}

/** Labels that are offered at the `|` in a line of a program. */
async function completions(line: string): Promise<string[]> {
  const before = program(line).split("|", 1)[0]!;
  const text = program(line).replace("|", "");
  const folder = await Deno.makeTempDir();
  await using server = new LanguageServer();
  const uri = `file://${folder}/program.ts`;
  const initializationOptions = { enable: true, config: CONFIG, lint: false };
  const rootUri = `file://${folder}`;
  await server.ask("initialize", {
    processId: null,
    rootUri,
    initializationOptions,
    capabilities: {},
  });
  await server.notify("initialized", {});
  const textDocument = { uri, languageId: "typescript", version: 1, text };
  await server.notify("textDocument/didOpen", { textDocument });
  const lines = before.split("\n");
  const position = { line: lines.length - 1, character: lines.at(-1)!.length };
  const { result } = await server.ask("textDocument/completion", { textDocument, position });
  await Deno.remove(folder, { recursive: true });
  return (result?.items ?? []).map(({ label }) => label);
}

Deno.test("inside the input of a call an editor lists the properties of the command's", async () => {
  assertEquals(await completions('client.call("add", { | });'), ["a", "b"]);
});
