/**
 * A consumer group as its coordinator has it: the classic protocol.
 *
 * @see https://cwiki.apache.org/confluence/display/KAFKA/Kafka+Client-side+Assignment+Proposal
 * @module
 */
import { clock, type Timer } from "../../src/async/clock.ts";
import type { Requests } from "../../src/transport/kafka/port.ts";
import { CODE, type Plain } from "./codes.ts";

type State = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable";
type JoinAnswer = Plain<"JoinGroup">;
type SyncAnswer = Plain<"SyncGroup">;

interface Member {
  protocols: Requests["JoinGroup"]["protocols"];
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  assignment: Uint8Array;
  session: Timer | undefined;
  join: ((answer: JoinAnswer) => void) | undefined;
  sync: ((answer: SyncAnswer) => void) | undefined;
}

const LEAST_SESSION_MS = 6_000;
const NONE = new Uint8Array(0);

/** The answer to who may not join. */
export function refusedJoin(error: number, memberId: string): JoinAnswer {
  return { error, generation: -1, protocol: "", leader: "", memberId, members: [] };
}

/** One group. */
export class Group {
  readonly #initialDelayMs: number;
  readonly #members = new Map<string, Member>();
  readonly #pending = new Set<string>();
  readonly #offsets = new Map<string, bigint>();
  state: State = "Empty";
  #generation = 0;
  #protocol = "";
  #leader = "";
  #rebalance: Timer | undefined;
  #initial: Timer | undefined;

  /**
   * Creates a group without members.
   *
   * @param initialDelayMs How long the first member waits for others.
   */
  constructor(initialDelayMs: number) {
    this.#initialDelayMs = initialDelayMs;
  }

  /** How many members it has. */
  get size(): number {
    return this.#members.size;
  }

  join(request: Requests["JoinGroup"]): Promise<JoinAnswer> {
    const { memberId, protocols, sessionTimeoutMs, rebalanceTimeoutMs } = request;
    const fail = (error: number, id = memberId) => Promise.resolve(refusedJoin(error, id));
    if (sessionTimeoutMs < LEAST_SESSION_MS) return fail(CODE.invalidSessionTimeout);
    if (!this.#agree(memberId, protocols)) return fail(CODE.inconsistentProtocol);
    if (memberId === "") {
      const id = `member-${clock.id()}`;
      this.#pending.add(id);
      return fail(CODE.memberIdRequired, id);
    }
    const known = this.#members.get(memberId);
    if (known === undefined && !this.#pending.delete(memberId)) return fail(CODE.unknownMember);
    const isSame = known !== undefined && sameProtocols(known.protocols, protocols);
    const staysAsItIs = this.state === "CompletingRebalance" && isSame ||
      this.state === "Stable" && isSame && memberId !== this.#leader;
    const member = known ?? {
      protocols,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      assignment: NONE,
      session: undefined,
      join: undefined,
      sync: undefined,
    };
    Object.assign(member, { protocols, sessionTimeoutMs, rebalanceTimeoutMs });
    this.#members.set(memberId, member);
    if (staysAsItIs) return Promise.resolve(this.#joined(memberId));
    member.session?.cancel();
    // An earlier join of it is still parked: the broker answers both.
    const earlier = member.join;
    const { promise, resolve } = Promise.withResolvers<JoinAnswer>();
    member.join = (answer) => {
      earlier?.(answer);
      resolve(answer);
    };
    this.#prepare();
    return promise;
  }

  #agree(memberId: string, protocols: Requests["JoinGroup"]["protocols"]): boolean {
    return protocols.some(({ name }) =>
      [...this.#members].every(([id, other]) =>
        id === memberId || other.protocols.some((one) => one.name === name)
      )
    );
  }

  /** Begins a rebalance, or ends it where everybody is there. */
  #prepare(): void {
    if (this.state !== "PreparingRebalance") {
      for (const { sync } of this.#members.values()) {
        sync?.({ error: CODE.rebalanceInProgress, assignment: NONE });
      }
      for (const member of this.#members.values()) member.sync = undefined;
      if (this.state === "Empty") {
        this.#initial = clock.timer(this.#initialDelayMs, () => {
          this.#initial = undefined;
          this.#completeIfAll();
        });
      }
      this.state = "PreparingRebalance";
      const longest = Math.max(...[...this.#members.values()].map((one) => one.rebalanceTimeoutMs));
      this.#rebalance = clock.timer(longest, () => this.#complete());
    }
    this.#completeIfAll();
  }

  #completeIfAll(): void {
    if (this.#initial !== undefined || this.state !== "PreparingRebalance") return;
    if ([...this.#members.values()].every(({ join }) => join !== undefined)) this.#complete();
  }

  #complete(): void {
    this.#rebalance?.cancel();
    for (const [id, { join }] of this.#members) if (join === undefined) this.#drop(id);
    this.#generation++;
    if (this.#members.size === 0) {
      this.state = "Empty";
      return;
    }
    this.state = "CompletingRebalance";
    if (!this.#members.has(this.#leader)) this.#leader = [...this.#members.keys()][0]!;
    const [first] = this.#members.values();
    this.#protocol =
      first!.protocols.find(({ name }) =>
        [...this.#members.values()].every((one) =>
          one.protocols.some((other) => other.name === name)
        )
      )!.name;
    for (const [id, member] of this.#members) {
      const { join } = member;
      member.join = undefined;
      this.#beat(id);
      join?.(this.#joined(id));
    }
  }

  #joined(memberId: string): JoinAnswer {
    const isLeader = memberId === this.#leader;
    return {
      error: 0,
      generation: this.#generation,
      protocol: this.#protocol,
      leader: this.#leader,
      memberId,
      members: !isLeader ? [] : [...this.#members].map(([id, { protocols }]) => ({
        memberId: id,
        metadata: protocols.find(({ name }) => name === this.#protocol)!.metadata,
      })),
    };
  }

  sync(request: Requests["SyncGroup"]): Promise<SyncAnswer> {
    const error = this.#check(request) ||
      (this.state === "PreparingRebalance" ? CODE.rebalanceInProgress : 0);
    if (error !== 0) return Promise.resolve({ error, assignment: NONE });
    const member = this.#members.get(request.memberId)!;
    this.#beat(request.memberId);
    if (this.state === "Stable") {
      return Promise.resolve({ error: 0, assignment: member.assignment });
    }
    const { promise, resolve } = Promise.withResolvers<SyncAnswer>();
    member.sync = resolve;
    if (request.memberId !== this.#leader) return promise;
    this.state = "Stable";
    for (const [id, one] of this.#members) {
      one.assignment = request.assignments.find(({ memberId }) => memberId === id)?.assignment ??
        NONE;
      one.sync?.({ error: 0, assignment: one.assignment });
      one.sync = undefined;
    }
    return promise;
  }

  heartbeat(request: Requests["Heartbeat"]): number {
    const error = this.#check(request);
    if (error !== 0) return error;
    this.#beat(request.memberId);
    return this.state === "PreparingRebalance" ? CODE.rebalanceInProgress : 0;
  }

  leave(memberId: string): number {
    if (!this.#members.has(memberId)) {
      return this.#pending.delete(memberId) ? 0 : CODE.unknownMember;
    }
    this.#remove(memberId);
    return 0;
  }

  commit(request: Requests["OffsetCommit"]): number {
    const error = this.#mayCommit(request);
    if (error !== 0) return error;
    for (const { topic, partition, offset } of request.partitions) {
      this.#offsets.set(`${topic} ${partition}`, offset);
    }
    return 0;
  }

  /** Who is no member may commit where nobody is. */
  #mayCommit(request: Requests["OffsetCommit"]): number {
    const { memberId, generation } = request;
    if (memberId === "" && generation === -1 && this.#members.size === 0) return 0;
    const error = this.#check(request);
    if (error !== 0) return error;
    if (this.state === "CompletingRebalance") return CODE.rebalanceInProgress;
    this.#beat(memberId);
    return 0;
  }

  committed(topic: string, partition: number): bigint {
    return this.#offsets.get(`${topic} ${partition}`) ?? -1n;
  }

  /** Another broker coordinates it from now on: what was parked at the old one is lost. */
  move(): void {
    for (const [id, member] of this.#members) {
      member.join = undefined;
      member.sync = undefined;
      this.#beat(id);
    }
  }

  #check({ memberId, generation }: { memberId: string; generation: number }): number {
    if (!this.#members.has(memberId)) return CODE.unknownMember;
    return generation === this.#generation ? 0 : CODE.illegalGeneration;
  }

  /** Its session begins anew, unless it waits for a rebalance: then it has none. */
  #beat(memberId: string): void {
    const member = this.#members.get(memberId)!;
    member.session?.cancel();
    member.session = member.join !== undefined
      ? undefined
      : clock.timer(member.sessionTimeoutMs, () => this.#remove(memberId));
  }

  #drop(memberId: string): void {
    const member = this.#members.get(memberId);
    member?.session?.cancel();
    member?.sync?.({ error: CODE.unknownMember, assignment: NONE });
    this.#members.delete(memberId);
  }

  #remove(memberId: string): void {
    this.#drop(memberId);
    if (this.state === "PreparingRebalance") this.#completeIfAll();
    else if (this.#members.size > 0) this.#prepare();
    else {
      this.state = "Empty";
      this.#generation++;
    }
  }
}

type Protocols = Requests["JoinGroup"]["protocols"];

function sameProtocols(some: Protocols, others: Protocols): boolean {
  return some.length === others.length && some.every(({ name, metadata }, index) => {
    const other = others[index]!;
    return name === other.name && metadata.length === other.metadata.length &&
      metadata.every((byte, at) => byte === other.metadata[at]);
  });
}
