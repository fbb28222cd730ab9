// Calls to every server that wait for replies.
import type { Reply } from "./results_stream.ts";

interface OpenGathering {
  readonly digest: string;
  readonly onReply: (reply: Reply) => void;
}

/** By id: their replies are several, each of another server. */
export class OpenGatherings {
  readonly #open = new Map<string, OpenGathering>();

  has(id: string): boolean {
    return this.#open.has(id);
  }

  add(id: string, gathering: OpenGathering): void {
    this.#open.set(id, gathering);
  }

  remove(id: string): void {
    this.#open.delete(id);
  }

  /** Says whether a reply is for one of them. */
  take(reply: Reply): boolean {
    const gathering = this.#open.get(reply.id);
    if (gathering === undefined || gathering.digest !== (reply.digest ?? gathering.digest)) {
      return false;
    }
    gathering.onReply(reply);
    return true;
  }
}
