// A request of the port by the library's modules for it, one a version.
import type { Reader, Writer } from "@platformatic/kafka";
import type { AnswerDecoder, RequestEncoder } from "../library.ts";
import type { Answers, Api, Requests, Throttled } from "../port.ts";
import { AnswerReader } from "./answer_reader.ts";

/** What the library exports for the answer in a version. */
interface Decoding<Response> {
  readonly api: { readonly key: number; readonly version: number };
  parseResponse(correlationId: number, key: number, version: number, reader: Reader): Response;
}

/** What it exports for both ways. */
interface Version<Arguments extends unknown[], Response> extends Decoding<Response> {
  createRequest(...args: Arguments): Writer;
}

interface Translation<A extends Api, Response> {
  /** The version from which on a throttle is the client's to wait (KIP-219). */
  readonly throttledSince: number;
  /** `aside`: the error codes and records, to be taken in the order in which they came. */
  readonly answer: (
    response: Response,
    aside: AnswerReader,
    version: number,
  ) => Omit<Answers[A], keyof Throttled>;
}

interface BothWays<A extends Api, Arguments extends unknown[], Response>
  extends Translation<A, Response> {
  readonly request: (
    asked: Requests[A],
    createRequest: (...args: Arguments) => Writer,
  ) => Writer;
}

export interface LibraryApi<A extends Api> extends RequestEncoder<A> {
  readonly decode: AnswerDecoder<A>;
}

/**
 * The library encodes the request and decodes the answer. `modules`: all versions that are used, the
 * lowest first, none left out.
 */
export function apiOf<
  A extends Api,
  Arguments extends unknown[],
  Response extends { readonly throttleTimeMs: number },
>(
  modules: readonly Version<Arguments, Response>[],
  { request, ...translation }: BothWays<A, Arguments, Response>,
): LibraryApi<A> {
  const lowest = modules[0]!.api.version;
  return {
    ...answersOf(modules, translation),
    encode: (asked, version) => request(asked, modules[version - lowest]!.createRequest).buffer,
  };
}

/** The library decodes the answer. */
export function answersOf<A extends Api, Response extends { readonly throttleTimeMs: number }>(
  modules: readonly Decoding<Response>[],
  { throttledSince, answer }: Translation<A, Response>,
): Omit<LibraryApi<A>, "encode"> {
  const { key, version: lowest } = modules[0]!.api;
  return {
    key,
    versions: [lowest, modules.at(-1)!.api.version],
    decode(reader, version) {
      const aside = new AnswerReader(reader);
      const response = modules[version - lowest]!.parseResponse(0, key, version, aside.asReader);
      const throttleMs = version >= throttledSince ? response.throttleTimeMs : 0;
      return { ...answer(response, aside, version), throttleMs } as Answers[A];
    },
  };
}
