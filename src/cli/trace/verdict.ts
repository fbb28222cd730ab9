// Where a call is, from what was found of it.
import { HEADER } from "../../wire/headers.ts";
import { readReceipt, type ServerReceipt } from "../../wire/receipt.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import type { GroupMember } from "../../transport/kafka/admin/questions.ts";
import { headerNumber, headerText, placeText } from "../record_text.ts";
import type { SignatureFacts } from "../signatures.ts";
import type { Found } from "./find.ts";

export type State =
  | "answered"
  /** Its offset is not committed, and a member has its partition: it waits there, or runs. */
  | "waiting"
  /** Not committed, and nobody has its partition. */
  | "unattended"
  /** Not committed, and past its deadline: it is not started any more. */
  | "expired"
  /** Committed: a server is done with it; one-way calls end so. */
  | "taken"
  | "not found";

/** What is known besides the records of the call. */
export interface Surroundings {
  readonly standing: Standing | undefined;
  readonly request?: SignatureFacts;
  /** The reply that counts, and what its signature says. */
  readonly reply?: { readonly record: IncomingRecord; readonly signature: SignatureFacts };
  readonly now: number;
}

/** What the group says of the partition; undefined where it may not be asked. */
export interface Standing {
  readonly committed: bigint | undefined;
  readonly member: GroupMember | undefined;
  readonly members: number;
}

export interface Verdict {
  readonly id: string;
  readonly state: State;
  readonly request: RequestFacts | undefined;
  readonly reply: ReplyFacts | undefined;
  readonly canceledAt: number | undefined;
  /** Records before it that are not committed; 0 once it is. */
  readonly lag: number | undefined;
  readonly member:
    | { readonly host: string; readonly clientId: string; readonly memberId: string }
    | undefined;
  /** Whether the search ended at its limit. */
  readonly limited: boolean;
}

export interface RequestFacts {
  readonly place: string;
  readonly command: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly attempts: number;
  readonly bytes: number;
  readonly deadline: number | undefined;
  readonly isOneWay: boolean;
  readonly signature: SignatureFacts;
}

export interface ReplyFacts {
  readonly place: string;
  readonly code: string;
  readonly server: string | undefined;
  readonly at: number;
  readonly bytes: number;
  /** Milliseconds after the request, each by the clock of its writer. */
  readonly afterMs: number | undefined;
  readonly receipt: ServerReceipt | undefined;
  readonly signature: SignatureFacts;
}

export function verdictOf(
  id: string,
  found: Found,
  surroundings: Surroundings,
): Verdict {
  const { standing, now } = surroundings;
  const [first] = found.requests;
  const request = first &&
    { ...requestFacts(first, found.requests.length), signature: surroundings.request };
  const reply = surroundings.reply && {
    ...replyFacts(surroundings.reply.record, first),
    signature: surroundings.reply.signature,
  };
  const committed = standing?.committed;
  const isCommitted = first !== undefined && committed !== undefined && first.offset < committed;
  const member = standing?.member;
  return {
    id,
    state: stateOf(),
    request,
    reply,
    canceledAt: found.cancellation?.timestamp,
    lag: lagOf(),
    member: member &&
      {
        host: member.host.replace(/^\//, ""),
        clientId: member.clientId,
        memberId: member.memberId,
      },
    limited: found.limited,
  };

  function stateOf(): State {
    if (reply !== undefined) return "answered";
    if (request === undefined) return "not found";
    if (isCommitted) return "taken";
    if (request.deadline !== undefined && request.deadline < now) return "expired";
    return standing !== undefined && member === undefined ? "unattended" : "waiting";
  }

  function lagOf(): number | undefined {
    if (first === undefined || standing === undefined) return undefined;
    if (isCommitted) return 0;
    return committed === undefined ? undefined : Number(first.offset - committed);
  }
}

function requestFacts(
  record: IncomingRecord,
  attempts: number,
): Omit<RequestFacts, "signature"> {
  return {
    place: placeText(record),
    // A record without headers is an expression.
    command: headerText(record, HEADER.command) ?? "eval",
    at: record.timestamp,
    attempts,
    bytes: record.value?.byteLength ?? 0,
    deadline: headerNumber(record, HEADER.deadline),
    isOneWay: headerText(record, HEADER.reply) === "none",
  };
}

function replyFacts(
  record: IncomingRecord,
  request: IncomingRecord | undefined,
): Omit<ReplyFacts, "signature"> {
  return {
    place: placeText(record),
    code: headerText(record, HEADER.status) ?? "unknown",
    server: headerText(record, HEADER.server),
    at: record.timestamp,
    bytes: record.value?.byteLength ?? 0,
    afterMs: request && record.timestamp - request.timestamp,
    receipt: readReceipt(record),
  };
}
