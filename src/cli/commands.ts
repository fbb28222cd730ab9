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
import { stream } from "./stream.ts";
import { tail } from "./tail/tail.ts";
import { trace } from "./trace/trace.ts";
import { topics } from "./topics.ts";

const OTHERS: readonly Command[] = [
  doctor,
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
