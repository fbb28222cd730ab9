/**
 * Starts one Kafka node and waits until it serves.
 *
 * @module
 */
import { KeptProcess } from "../kept_process.ts";
import type { Log } from "./log.ts";
import type { NodePlace } from "./node_settings.ts";
import { untilReady } from "./ready.ts";
import type { Way } from "./way.ts";

const READY_WITHIN_MS = 60_000;
const BIND_ATTEMPTS = 3;
const SHOW_WAITING_EVERY_MS = 1000;

/** What a node needs to know to start. */
export interface NodeStart {
  /** How Kafka is run here. */
  way: Way;
  /** This node's id and ports. */
  place: NodePlace;
  /** Every node that votes, this one included. */
  voters: NodePlace[];
  /** The cluster's id, the same for all its nodes. */
  clusterId: string;
  /** Options of a Java. Default: those of a broker that lasts, with half a gigabyte of heap. */
  jvm?: readonly string[] | undefined;
  /** Takes lines about the start. */
  log: Log;
  /** Ends the wait when aborted. */
  signal?: AbortSignal | undefined;
}

/** Another program took one of the ports before the node could bind it. */
export class PortTakenError extends Error {
  /** Always "PortTakenError". */
  override name = "PortTakenError";
}

/** Tries again with other ports, where another program took one between the look and the start. */
export async function withFreePorts<T>(log: Log, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === BIND_ATTEMPTS) throw error;
      log("A port was taken meanwhile; trying others.");
    }
  }
}

/**
 * A new random cluster id in the form that Kafka wants. As in Kafka's own, a leading dash is drawn
 * again: its command lines would take the id for an option.
 */
export function newClusterId(): string {
  const id = crypto.getRandomValues(new Uint8Array(16))
    .toBase64({ alphabet: "base64url", omitPadding: true });
  return id.startsWith("-") ? newClusterId() : id;
}

/** A node that answers its clients; it ends with its keeper. */
export async function startNode(start: NodeStart): Promise<KeptProcess> {
  const { way, place, log, signal } = start;
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
  log(`Starting ${way.name}.`);
  const showing = setInterval(
    () => log(`  ${seconds()} s`, "passing"),
    SHOW_WAITING_EVERY_MS,
  );
  const enough = new AbortController();
  let node: KeptProcess | undefined;
  let ready: Promise<void> | undefined;
  let answers = false;
  try {
    node = await KeptProcess.start(
      way.plan(place, start.voters, start.clusterId, start.jvm),
      { signal },
    );
    const polling = AbortSignal.any([
      AbortSignal.timeout(READY_WITHIN_MS),
      enough.signal,
      ...signal ? [signal] : [],
    ]);
    ready = untilReady(place.port, polling, place.advertised);
    const exit = await Promise.race([ready, node.exited]);
    if (exit) {
      throw new Error(exit.reason ?? `it ended with exit code ${exit.code}`);
    }
    answers = true;
    log(`The broker answers on 127.0.0.1:${place.port} (${seconds()} s).`);
    return node;
  } catch (error) {
    signal?.throwIfAborted();
    throw await startError(way, error, node);
  } finally {
    enough.abort();
    clearInterval(showing);
    await Promise.allSettled([ready]);
    if (!answers) await node?.close();
  }
}

async function startError(
  way: Way,
  cause: unknown,
  node?: KeptProcess,
): Promise<Error> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const tail = node?.folder ? await node.logTail() : "";
  const text = `Cannot start ${way.name}: ${reason}.` +
    (tail && ` Its output ends with:\n${tail}`);
  const taken = /Address already in use|BindException|port is already allocated/
    .test(tail);
  return taken ? new PortTakenError(text, { cause }) : new Error(text, { cause });
}
