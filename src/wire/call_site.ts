// Errors that point at the line of the caller.
import { RpcError } from "./errors.ts";

/** Errors that only a mistake in some code makes: their frames lead to it. */
const MISTAKES: readonly string[] = ["TypeError", "RangeError", "ReferenceError", "SyntaxError"];

/** Folder of this package's code. */
const PACKAGE = new URL("../", import.meta.url).href;

/** Causes of a cause that are looked at; a chain may be a circle. */
const MAX_CAUSES = 10;

/** The line that called a public function. */
export class CallSite {
  /** Set by the engine, which makes the text when it is read. */
  declare readonly stack?: string;

  /**
   * Notes where a function was called. Only the frames are taken; the text is made when it is read.
   * Where `isNoted` is false, errors have the lines that await the promise of that function.
   */
  // deno-lint-ignore ban-types -- captureStackTrace takes any function, and does not call it
  constructor(above: Function, { isNoted = true }: { readonly isNoted?: boolean } = {}) {
    if (isNoted) Error.captureStackTrace(this, above);
  }

  /**
   * Gives an error the stack of the caller, instead of that of the timer or socket that made it. To be
   * called where the promise rejects that the caller got: there the engine knows who awaits it.
   */
  point(error: RpcError): void {
    const { stack } = this.stack === undefined ? new CallSite(this.point) : this;
    // Undefined, or anything at all, where the caller's program has set how stacks are made.
    const frames = String(stack).split("\n").filter((line) => isFrame(line) && !isInternal(line));
    error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
    // What a server sent is all that there is of it.
    if (error.stage === "remote") return;
    try {
      shortenCauses(error);
    } catch {
      return; // a cause that a user made throws when it is looked at: it stays as it is
    }
  }

  /** Points an error at the caller where it is one of this package's own, and gives it back. */
  pointed(error: unknown, isOwn = isOfCall): unknown {
    if (error instanceof RpcError && isOwn(error)) this.point(error);
    return error;
  }
}

/** One that was made here, as those of calls. Others may be the reason of the caller's signal. */
const isOfCall = ({ stage }: RpcError): boolean => stage !== undefined;

/** Runs work so that an RpcError it rejects with has the stack of the caller. */
export function atCallSite<T>(
  // deno-lint-ignore ban-types -- as of the constructor
  above: Function,
  work: (site: CallSite) => Promise<T>,
  isOwn: (error: RpcError) => boolean = isOfCall,
): Promise<T> {
  const site = new CallSite(above);
  return work(site).catch((error) => {
    throw site.pointed(error, isOwn);
  });
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

/**
 * Takes the frames from the causes of an error where all of them lie inside of Deno, of the Kafka
 * client or of this package: they say nothing to a user, and take fifty lines of a terminal.
 */
function shortenCauses(error: Error): void {
  let { cause } = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth++) {
    const frames = String(cause.stack).split("\n").filter(isFrame);
    const isMistake = MISTAKES.includes(cause.name);
    if (!isMistake && frames.length > 0 && frames.every(isInternal)) dropFrames(cause);
    cause = cause.cause;
  }
}

function isInternal(frame: string): boolean {
  // Below its version or `node_modules`: the caller's own folder may have the name too.
  return /\b(?:ext|node):|\/(?:kafkajs\/\d|node_modules\/kafkajs\/)/.test(frame) ||
    frame.includes(PACKAGE);
}

/** Once a stack was read, Deno prints those frames whatever is assigned; it must be taken anew. */
function dropFrames(error: Error): void {
  if (!Object.isExtensible(error)) return;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  Error.captureStackTrace(error);
  Error.stackTraceLimit = stackTraceLimit;
  void error.stack;
}
