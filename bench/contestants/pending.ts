/**
 * Calls of a raw loop that wait for what comes back.
 *
 * @module
 */

/** One promise for each id. */
export class Pending {
  readonly #resolvers = new Map<string, PromiseWithResolvers<void>>();

  /** Makes an id, sends it, and waits until it comes back. */
  call(send: (id: string) => Promise<unknown>): Promise<void> {
    const id = crypto.randomUUID();
    const resolvers = Promise.withResolvers<void>();
    this.#resolvers.set(id, resolvers);
    send(id).catch(resolvers.reject);
    return resolvers.promise;
  }

  /** Takes an id that came back; one that is not waited for is somebody else's. */
  settle(id: string): void {
    this.#resolvers.get(id)?.resolve();
    this.#resolvers.delete(id);
  }
}
