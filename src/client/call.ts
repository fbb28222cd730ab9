// Calls through one client that the whole program shares.
import { clock } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";
import { DEFAULT_TIMEOUT_MS } from "../options/defaults.ts";
import { atCallSite } from "../wire/call_site.ts";
import { RpcError } from "../wire/errors.ts";
import { type Client, connect } from "./client.ts";
import { type CallOptions, checkCall } from "./call_options.ts";

let shared: Promise<Client> | undefined;

function sharedClient(): Promise<Client> {
  shared ??= connect().catch((error) => {
    shared = undefined; // the next call tries anew
    throw error;
  });
  return shared;
}

/**
 * Calls a command through a client that is made on first use, from the
 * environment (KAFKA_BROKERS) and the default topics. It does not keep the
 * process alive once no call waits.
 *
 * @param command Name of the command.
 * @param input Its input; see docs/values.md.
 * @param options Options of this call. `timeoutMs` covers the connecting too.
 * @returns The result.
 * @throws {RpcError} As `Client.call`, and as `connect` on first use.
 *
 * @example
 * ```ts
 * import { call } from "@kafka-rpc/deno";
 *
 * export const three = () => call("add", { a: 1, b: 2 });
 * ```
 */
export function call(
  command: string,
  input?: unknown,
  options?: CallOptions,
): Promise<unknown> {
  return atCallSite(call, async () => {
    const id = clock.id();
    const checked = checkCall(command, options, id);
    const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = checked;
    const start = clock.now();
    const client = await withDeadline(sharedClient(), { signal, timeoutMs }, () => {
      return new RpcError(
        "unavailable",
        `Cannot call "${command}": no broker answered within ${timeoutMs} ms. ` +
          "Start one, or give its address in KAFKA_BROKERS.",
        { command, id, stage: "request" },
      );
    }).catch((error) => {
      // Calls that wait together must not share one error: each has a stack of its own.
      if (!(error instanceof RpcError) || error === signal?.reason) throw error;
      const { code, message, cause, details } = error;
      throw new RpcError(code, message, { command, id, stage: "request", cause, details });
    });
    const left = Math.max(
      1,
      Math.ceil(timeoutMs - (clock.now() - start)),
    );
    return client.call(command, input, { ...checked, timeoutMs: left });
  });
}

/** The shared {@linkcode call}, with the types of a module's commands. */
export type TypedCall<Module> = Client<Module>["call"];

/**
 * Gives {@linkcode call} the types of a module's commands.
 *
 * @typeParam Module Type of the commands module.
 * @returns The same function.
 *
 * @example
 * ```ts
 * import { typedCall } from "@kafka-rpc/deno";
 *
 * const call = typedCall<{ add(input: { a: number; b: number }): number }>();
 * // Elsewhere: typedCall<typeof import("./commands.ts")>()
 * export const three = (): Promise<number> => call("add", { a: 1, b: 2 });
 * ```
 */
export function typedCall<Module>(): TypedCall<Module> {
  return call as TypedCall<Module>;
}

/**
 * Closes the client behind {@linkcode call}, if there is one; the next call makes a new one. A
 * program that ends need not: the client does not keep it alive. It is for programs that go on
 * without calls, for a change of KAFKA_BROKERS, and for tests that look for leaks.
 *
 * @example
 * ```ts
 * import { call, closeSharedClient } from "@kafka-rpc/deno";
 *
 * Deno.test("add adds", async () => {
 *   if (await call("add", { a: 1, b: 2 }) !== 3) throw new Error("not 3");
 *   await closeSharedClient();
 * });
 * ```
 */
export async function closeSharedClient(): Promise<void> {
  const client = shared;
  shared = undefined;
  // The call rejects where connecting failed; here there is only nothing to close.
  const connected = await client?.catch(() => undefined);
  await connected?.close();
}
