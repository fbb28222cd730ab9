/**
 * Request/reply over Apache Kafka: {@linkcode call} on one side,
 * {@linkcode serve} on the other, two topics between them.
 *
 * @example A server
 * ```ts
 * import { serve } from "@kafka-rpc/deno";
 *
 * export async function main(): Promise<void> {
 *   await using server = await serve({
 *     commands: new URL("./commands.ts", import.meta.url),
 *   });
 *   await server.finished;
 * }
 * ```
 *
 * @example A client
 * ```ts
 * import { call, connect } from "@kafka-rpc/deno";
 *
 * export async function main(): Promise<void> {
 *   console.log(await call("add", { a: 1, b: 2 }));
 *   await using client = await connect();
 *   console.log(await client.call("add", { a: 1, b: 2 }, { timeoutMs: 500 }));
 * }
 * ```
 *
 * @module
 */
export { call, closeSharedClient, type TypedCall, typedCall } from "./src/client/call.ts";
export { Client, type ClientCounts, type ClientState, connect } from "./src/client/client.ts";
export type { BreakerOptions, BreakerState } from "./src/client/policies/breaker.ts";
export type { RetryOptions } from "./src/client/policies/retry.ts";
export type { CallOptions } from "./src/client/call_options.ts";
export type {
  AttachedCall,
  ResultOptions,
  StateOptions,
  SubmittedState,
} from "./src/client/attached_call.ts";
export type { CallManyOptions, Gathering, ServerReply } from "./src/client/gathering.ts";
export type {
  DiscoveredServer,
  DiscoveredServers,
  RefusingServer,
} from "./src/client/found_servers.ts";
export type { ServersOptions } from "./src/client/servers.ts";
export type { CallHandle } from "./src/client/handles.ts";
export type { SendOptions, SubmitOptions } from "./src/client/send_options.ts";
export type { StreamOptions } from "./src/client/streams/stream_options.ts";
export type { ReplyStream } from "./src/client/streams/value_stream.ts";
export type { ConnectOptions } from "./src/client/options.ts";
export type {
  AnyCommands,
  CallableOf,
  CallArguments,
  CommandsOf,
  GivesStream,
  InputOf,
  Received,
  ReceivedJson,
  ResultOf,
  ReturnOf,
  Sendable,
  SendableJson,
  UnaryInputOf,
  Unsendable,
  ValueOf,
} from "./src/client/types.ts";
export type { SandboxPermissions } from "./src/executor/permissions.ts";
export type { CommandContext } from "./src/executor/executor.ts";
export type { KeyMaterial, SigningKey, TrustedKey, VerifyKeys } from "./src/signing/keys.ts";
export type { SigningKeys } from "./src/signing/signer.ts";
export type { CommandTable } from "./src/executor/in_process.ts";
export type { Command } from "./src/executor/inside/run_command.ts";
export type { Call, CallHandler, Interceptor } from "./src/pipeline/call.ts";
export type { ServerCounts } from "./src/server/counts.ts";
export type {
  Authorize,
  AuthorizedCall,
  EvaluateOptions,
  Isolation,
  Limits,
  ReplyCacheOptions,
  ServeOptions,
} from "./src/server/options.ts";
export { serve, Server, type ServerState } from "./src/server/server.ts";
export type {
  AskFor,
  Compression,
  ConnectionOptions,
  FromFile,
  SaslOptions,
  TlsOptions,
  TopicOptions,
} from "./src/transport/connection_options.ts";
export type { KafkaLibrary } from "./src/transport/kafka/kafka_library.ts";
export {
  type LogFields,
  type Logger,
  type LogLevel,
  silentLogger,
  stderrLogger,
} from "./src/logging/logger.ts";
export type { Codec } from "./src/wire/codecs/codec.ts";
export type { Failure, Outcome, Payload } from "./src/wire/outcome.ts";
export type {
  CommandDescription,
  CommandFailure,
  CommandInfo,
  CommandStats,
  Durations,
  ServerAnswers,
  ServerDetail,
  ServerInfo,
  ServerPing,
  ServerStats,
} from "./src/wire/discovery.ts";
export {
  RPC_CODES,
  type RpcCode,
  RpcError,
  type RpcErrorOptions,
  type RpcStage,
} from "./src/wire/errors.ts";
export type { Receipt, RecordPlace } from "./src/wire/receipt.ts";
export type { TraceContext } from "./src/wire/request.ts";
