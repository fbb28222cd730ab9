// Where a call is, as an operator reads it.
import { counted, duration, grouped, isoTime } from "../layout.ts";
import { writeCheck } from "../doctor/report.ts";
import { printableLine } from "../../logging/printable.ts";
import type { Check } from "../doctor/check.ts";
import type { Output } from "../output.ts";
import { type SignatureFacts, signatureText } from "../signatures.ts";
import type { ReplyFacts, RequestFacts, Verdict } from "./verdict.ts";

const INDENT = 16;

export function writeVerdict(verdict: Verdict, output: Output, now: number): void {
  const { request, reply, canceledAt } = verdict;
  const checks: Check[] = [
    request === undefined ? { name: "request", status: "failed", says: "not on the topic" } : {
      name: "request",
      status: request.signature?.problem === undefined ? "ok" : "warning",
      says: requestText(request, now),
    },
    ...(canceledAt === undefined ? [] : [canceled(canceledAt)]),
    ...(request === undefined ? [] : [servers(verdict)]),
    replyCheck(reply, request),
  ];
  // Names that others chose must not break a line, and so forge one.
  for (const check of checks) {
    writeCheck({ ...check, says: printableLine(check.says) }, output, INDENT);
  }
  output.line();
  output.line(output.paint(printableLine(conclusion(verdict, now)), "bold"));
}

function time(unixMs: number): string {
  return isoTime(unixMs) ?? "at no time";
}

function requestText(facts: RequestFacts, now: number): string {
  const { place, command, at, attempts, bytes, deadline, signature } = facts;
  const left = deadline === undefined
    ? "no deadline"
    : deadline < now
    ? `deadline passed ${duration(now - deadline)} ago`
    : `deadline in ${duration(deadline - now)}`;
  const tries = attempts === 1 ? "" : `, ${attempts} attempts`;
  const when = `${time(at)} (${duration(now - at)} ago)`;
  return `${place}, ${command}, ${counted(bytes, "byte")}, ${when}${tries}, ${left}${
    signed(signature)
  }`;
}

function canceled(at: number): Check {
  return { name: "cancellation", status: "warning", says: `the caller canceled it, ${time(at)}` };
}

function servers({ lag, member, state }: Verdict): Check {
  const name = "server";
  const before = lag === undefined
    ? "what is before it is not known"
    : state === "answered" || state === "taken"
    ? "it is committed past the request"
    : `${counted(lag, "record")} before it not committed`;
  if (member === undefined) {
    const isOver = state === "answered" || state === "taken";
    return {
      name,
      status: isOver ? "skipped" : "failed",
      says: `none has its partition; ${before}`,
    };
  }
  const { clientId, host, memberId } = member;
  return {
    name,
    status: "ok",
    says: `${clientId} on ${host} (${memberId}) has its partition; ${before}`,
  };
}

function replyCheck(reply: ReplyFacts | undefined, request: RequestFacts | undefined): Check {
  const name = "reply";
  if (reply === undefined) {
    if (request?.isOneWay) return { name, status: "skipped", says: "none is asked for (one-way)" };
    return { name, status: "failed", says: "none on the topic" };
  }
  const { place, code, server = "a server", at, afterMs, receipt, bytes, signature } = reply;
  const took = afterMs === undefined ? "" : `, ${duration(afterMs)} after the request`;
  const parts = receipt === undefined
    ? ""
    : `; waited ${duration(receipt.waited)} there, ran ${duration(receipt.run)}`;
  return {
    name,
    status: signature?.problem !== undefined ? "failed" : code === "ok" ? "ok" : "warning",
    says: `${place}, ${code} by ${server}, ${counted(bytes, "byte")}, ${time(at)}${took}${parts}` +
      signed(signature),
  };
}

function signed(signature: SignatureFacts): string {
  return signature === undefined ? "" : `; ${signatureText(signature)}`;
}

function conclusion({ state, reply, request, lag, limited }: Verdict, now: number): string {
  switch (state) {
    case "answered":
      return reply!.signature?.problem === undefined
        ? `Answered with ${reply!.code} by ${reply!.server ?? "a server"}.`
        : "A reply is there, but clients that verify do not take it.";
    case "waiting":
      return `It waits at a server, or runs there${
        lag === undefined ? "" : `, ${grouped(lag)} before it`
      }.`;
    case "unattended":
      return "Nobody takes it: no server has its partition. Start one.";
    case "expired": {
      const ago = duration(now - request!.deadline!);
      return `It was not taken before its deadline, ${ago} ago, and will not be started.`;
    }
    case "taken":
      return request!.isOneWay
        ? "A server is done with it; one-way calls have no reply."
        : "A server is done with it, and its reply is not on the topic: it was refused, could not " +
          "be sent, or was deleted since. The server's log has the id.";
    case "not found":
      return limited
        ? "Not found within the limit. Raise --limit, or give --since."
        : "Not found: it never reached the topic, or was deleted since, or has another --topic. An " +
          "id that is no UUID of version 7 may be older than --since.";
  }
}
