// Every command, in the order of the help.
import { acls } from "./acls.ts";
import { asyncapi } from "./asyncapi.ts";
import { call } from "./call.ts";
import type { Command } from "./command.ts";
import { completionOf } from "./completion/completion.ts";
import { doctor } from "./doctor/doctor.ts";
import { dlt } from "./dlt/dlt.ts";
import { latency } from "./latency.ts";
import { send } from "./send.ts";
import { serveFile } from "./serve_file.ts";
import { describe } from "./servers/describe.ts";
import { ls } from "./servers/ls.ts";
import { ping } from "./servers/ping.ts";
import { stats } from "./servers/stats.ts";
import { top } from "./servers/top.ts";
import { stream } from "./stream.ts";
import { tail } from "./tail/tail.ts";
import { trace } from "./trace/trace.ts";
import { topics } from "./topics.ts";

const OTHERS: readonly Command[] = [
  doctor,
  ls,
  describe,
  ping,
  stats,
  top,
  call,
  stream,
  send,
  latency,
  trace,
  tail,
  topics,
  acls,
  dlt,
  serveFile,
  asyncapi,
];

export const COMMANDS: readonly Command[] = [...OTHERS, completionOf(OTHERS)];
