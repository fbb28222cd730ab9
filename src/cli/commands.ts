// Every command, in the order of the help.
import { acls } from "./acls.ts";
import { call } from "./call.ts";
import type { Command } from "./command.ts";
import { doctor } from "./doctor/doctor.ts";
import { topics } from "./topics.ts";

export const COMMANDS: readonly Command[] = [doctor, call, topics, acls];
