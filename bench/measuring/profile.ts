/**
 * Where the processor time of this process goes, by the parts of the code.
 *
 * @module
 */
import { Session } from "node:inspector/promises";

/** Interval between two samples, in microseconds. */
const SAMPLE_US = 200;

/** Processor microseconds of this process's JavaScript thread, by part. */
export type Parts = Record<string, number>;

interface Frame {
  readonly functionName: string;
  readonly url: string;
}

interface Node {
  readonly id: number;
  readonly callFrame: Frame;
  readonly children?: readonly number[];
}

/** As much of a V8 profile as is read here. */
export interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  /** Microseconds between a sample and the one before it. */
  readonly timeDeltas: readonly number[];
}

const PROJECT = new URL("../../", import.meta.url).href;
/** In Deno's cache, or in a folder of a project. */
const PACKAGE = /\/(?:npm\/[^/]+|node_modules)\/((?:@[^/]+\/)?[^/]+)\//;
const GARBAGE = "garbage collection";
const NATIVE = "outside JavaScript";

/** Profiles work. */
export async function profiled(work: () => Promise<unknown>): Promise<Parts> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop") as { profile: Profile };
  session.disconnect();
  return partsOf(profile);
}

/** Sums a profile up. What a part calls of the language itself is its own time. */
export function partsOf({ nodes, samples, timeDeltas }: Profile): Parts {
  const part = new Map<number, string | undefined>();
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((to) => [to, id])));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const find = (id: number): string | undefined => {
    if (part.has(id)) return part.get(id);
    const caller = callers.get(id);
    const found = partOf(frames.get(id)!) ?? (caller === undefined ? undefined : find(caller));
    part.set(id, found);
    return found;
  };
  const parts: Parts = {};
  for (const [index, id] of samples.entries()) {
    if (isLeftOut(frames.get(id)!)) continue;
    const name = find(id) ?? NATIVE;
    parts[name] = (parts[name] ?? 0) + (timeDeltas[index] ?? 0);
  }
  return parts;
}

/** Rest, and the profiler itself: to begin and to end takes it long. */
function isLeftOut({ functionName, url }: Frame): boolean {
  return functionName === "(idle)" || url === "ext:deno_node/inspector.js";
}

/** Undefined for what the language has, and for the root. */
function partOf({ functionName, url }: Frame): string | undefined {
  if (functionName === "(garbage collector)") return GARBAGE;
  if (functionName === "(program)") return NATIVE;
  if (/^(ext|node):/.test(url)) return "Deno and its node:*";
  if (url === "") return undefined;
  const path = url.startsWith(PROJECT) ? url.slice(PROJECT.length) : "";
  return /^(?:src\/\w+|bench)(?=\/)/.exec(path)?.[0] ?? PACKAGE.exec(url)?.[1] ?? "other packages";
}
