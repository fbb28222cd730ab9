/**
 * Host names that only some processes know: they see an /etc/hosts of their own.
 *
 * @module
 */

/** Names and their addresses, for processes of this machine. It needs Linux and its `unshare`. */
export class HostNames implements AsyncDisposable {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Gives a name addresses. */
  static async make(name: string, addresses: readonly string[]): Promise<HostNames> {
    const file = await Deno.makeTempFile({ prefix: "kafka-rpc-hosts-" });
    const lines = addresses.map((address) => `${address} ${name}\n`).join("");
    await Deno.writeTextFile(file, `127.0.0.1 localhost\n${lines}`);
    return new HostNames(file);
  }

  /** The command that runs a command so that it knows the names; it has the same process id. */
  command(command: readonly string[]): string[] {
    const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, this.#file, ...command];
  }

  /** Addresses of a name in the order in which a program is given them: resolvers sort them. */
  async addresses(name: string): Promise<string[]> {
    const program = `import { lookup } from "node:dns/promises";
      const found = await lookup(${JSON.stringify(name)}, { all: true });
      console.log(JSON.stringify(found.map(({ address }) => address)));`;
    const [command = "", ...args] = this.command([Deno.execPath(), "eval", program]);
    const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
    if (success) return JSON.parse(new TextDecoder().decode(stdout));
    throw new Error(
      `Cannot give a process an /etc/hosts of its own: ${new TextDecoder().decode(stderr)}. ` +
        "Allow user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0.",
    );
  }

  /** Removes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#file);
  }
}

/** An address on which connections are never taken: its queue is full, so that packets are lost. */
export class FullListener implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #held: Deno.Conn[] = [];

  private constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
  }

  /** Listens, and connects until no connection comes about any more. */
  static async fill(hostname: string, port: number): Promise<FullListener> {
    const full = new FullListener(Deno.listen({ hostname, port }));
    while (await full.#connects(hostname, port));
    return full;
  }

  async #connects(hostname: string, port: number): Promise<boolean> {
    const signal = AbortSignal.timeout(300);
    try {
      this.#held.push(await Deno.connect({ hostname, port, signal }));
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  /** Ends it and its connections. */
  [Symbol.dispose](): void {
    for (const connection of this.#held) connection.close();
    this.#listener.close();
  }
}

/** An address that leads to a port of 127.0.0.1. */
export class Relay implements Disposable {
  readonly #listener: Deno.TcpListener;

  /** Listens. */
  constructor(hostname: string, port: number, target: number) {
    this.#listener = Deno.listen({ hostname, port });
    this.#serve(target);
  }

  async #serve(port: number): Promise<void> {
    for await (const client of this.#listener) {
      const broker = await Deno.connect({ port });
      // Either side's end is the end of both.
      client.readable.pipeTo(broker.writable).catch(() => undefined);
      broker.readable.pipeTo(client.writable).catch(() => undefined);
    }
  }

  /** Takes no more connections. */
  [Symbol.dispose](): void {
    this.#listener.close();
  }
}
