// Which servers are to answer.

/** So often it is looked whether a server that has not answered is still a member, in milliseconds. */
export const LOOK_MS = 1_000;

/** The members of a group, undefined for those without a name; undefined where that is not known. */
export type Members = readonly (string | undefined)[] | undefined;

/** The members of the group, as far as they can be found out, and which of them have answered. */
export class ExpectedServers {
  readonly #ask: (signal: AbortSignal) => Promise<Members>;
  readonly #answered = new Set<string>();
  /** Named members of the group when it was asked for them first. */
  #named: readonly string[] | undefined;
  /** How many others there were. */
  #unnamed = 0;
  /** Members that have left since. */
  readonly #gone = new Set<string>();

  constructor(ask: (signal: AbortSignal) => Promise<Members>) {
    this.#ask = ask;
  }

  /** Finds out how many there are; undefined where that can't be. */
  async look(signal: AbortSignal): Promise<number | undefined> {
    const members = await this.#ask(signal);
    this.#named = members?.filter((name) => name !== undefined);
    this.#unnamed = (members?.length ?? 0) - (this.#named?.length ?? 0);
    return members?.length;
  }

  /** A server that is gone answers nothing any more; one that came meanwhile may answer, or not. */
  async lookAgain(signal: AbortSignal): Promise<void> {
    const members = await this.#ask(signal);
    if (members === undefined) return;
    for (const name of this.#named ?? []) if (!members.includes(name)) this.#gone.add(name);
  }

  /** Notes that a server answers; false where it has before: what was sent twice is answered twice. */
  answers(server: string): boolean {
    if (this.#answered.has(server)) return false;
    this.#answered.add(server);
    return true;
  }

  /** Ids of the servers that have answered. */
  get answered(): readonly string[] {
    return [...this.#answered];
  }

  /** Ids of members that have not; undefined where they are not known. */
  get missing(): readonly string[] | undefined {
    return this.#named?.filter((name) => !this.#answered.has(name));
  }

  /** Whether each server has answered that may. */
  get isWhole(): boolean {
    if (this.#named === undefined) return false;
    const named = new Set(this.#named);
    const others = [...this.#answered].filter((server) => !named.has(server)).length;
    const waited = this.#named.filter((name) => !this.#answered.has(name) && !this.#gone.has(name));
    return waited.length === 0 && others >= this.#unnamed;
  }
}
