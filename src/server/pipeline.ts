// What a call passes on a server, from its record to the executor.
import type { Executor } from "../executor/executor.ts";
import type { Logger } from "../logging/logger.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { CallHandler, Interceptor } from "../pipeline/call.ts";
import { compose } from "../pipeline/compose.ts";
import { publish } from "../pipeline/diagnostics.ts";
import { guard, ownInterceptor } from "../pipeline/guard.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Cancellations } from "./cancellations.ts";
import type { ServerCounts } from "./counts.ts";
import { type IncomingCall, WARN_INTERVAL_MS } from "./incoming_call.ts";
import { admission } from "./policies/admission.ts";
import { authorization } from "./policies/authorization.ts";
import { cancellation } from "./policies/cancellation.ts";
import { expiry } from "./policies/expiry.ts";
import { failureLog, interceptorFailure } from "./policies/failure_log.ts";
import { joinInFlight } from "./policies/join_in_flight.ts";
import { missingCommand } from "./policies/missing_command.ts";
import { replyCache } from "./policies/reply_cache.ts";
import { sizeLimits } from "./policies/size_limits.ts";
import { streams } from "./policies/streams.ts";
import { timeLimit } from "./policies/time_limit.ts";
import type { ReplyCache } from "./reply_cache.ts";
import type { Scheduler } from "./scheduler.ts";
import type { ServerSettings } from "./settings.ts";
import type { OpenStreams } from "./streams/open_streams.ts";

/** Commands that fail: minimum interval between log lines; those between are counted. */
const FAILURE_INTERVAL_MS = 1_000;

export interface PipelineParts {
  readonly settings: ServerSettings;
  readonly executor: Executor;
  readonly scheduler: Scheduler;
  readonly cancellations: Cancellations;
  readonly streams: OpenStreams;
  /** Undefined where repeated requests run again. */
  readonly cache: ReplyCache | undefined;
  readonly isExpression: (command: string) => boolean;
  readonly logger: Logger;
  readonly counts: ServerCounts;
}

/** The handler of calls, and what reports the log lines that it left out. */
export interface ServerPipeline extends Disposable {
  readonly handle: CallHandler<IncomingCall>;
}

/** Builds the pipeline of a server. */
export function serverPipeline(parts: PipelineParts): ServerPipeline {
  const { settings, executor, scheduler, cancellations, cache } = parts;
  const { logger, counts, isExpression } = parts;
  const { interceptors } = settings;
  const throttles = new DisposableStack();
  const throttle = (intervalMs: number) => throttles.use(new LogThrottle(logger, { intervalMs }));
  const conflicts = throttle(WARN_INTERVAL_MS);
  const failures = throttle(FAILURE_INTERVAL_MS);
  const foreign = interceptors.some((one) => !ownInterceptor(one)) ||
    settings.executor !== undefined;
  const chain: (Interceptor<IncomingCall> | undefined)[] = [
    publish("server"),
    expiry({ counts, logger, late: throttle(WARN_INTERVAL_MS) }),
    settings.controlTopic === undefined ? undefined : cancellation(cancellations, counts),
    settings.authorize && authorization(settings.authorize, {
      counts,
      denied: throttle(WARN_INTERVAL_MS),
      failures: throttle(FAILURE_INTERVAL_MS),
    }),
    cache && replyCache(cache, { counts, conflicts }),
    joinInFlight({ counts, conflicts }),
    streams(parts.streams, { hasControl: settings.controlTopic !== undefined }),
    foreign ? timeLimit : undefined,
    ...interceptors.map((interceptor) =>
      ownInterceptor(interceptor) ??
        guard<IncomingCall>(interceptor, interceptorFailure(failures))
    ),
    missingCommand(executor.commands),
    sizeLimits,
    admission(scheduler, counts),
    failureLog({ logger, failures, isExpression }),
  ];
  const handle = compose(runWith(executor), chain.filter((policy) => policy !== undefined));
  return { handle, [Symbol.dispose]: () => throttles.dispose() };
}

function runWith(executor: Executor): CallHandler<IncomingCall> {
  return (call) => {
    const { id, command, deadline, attempt, metadata, principal, trace } = call;
    const { input, resultAs, stream, signal, ending } = call;
    const context = { id, command, deadline, attempt, metadata, principal, trace };
    const job = { input, context, resultAs, stream };
    const running = executor.run(job, signal, ending);
    if (!call.policy.idempotent) return running;
    return running.then((outcome) => {
      const again = isInterrupted(outcome) && !stream?.hasBegun && !signal.aborted;
      return again ? executor.run(job, signal, ending) : outcome;
    });
  };
}

/** Whether the sandbox of a call was ended for another one: a command's own `aborted` has no line. */
function isInterrupted(outcome: Outcome): boolean {
  return !outcome.ok && outcome.failure.code === "aborted" && outcome.logged === true;
}
