/**
 * Rows of the fault matrix: records that nobody expects, on the topics of an RPC.
 *
 * @module
 */
import type { ForeignClient } from "../../tools/kafka/foreign/foreign_client.ts";
import type { Cluster } from "../../tools/kafka/cluster.ts";
import type { Size } from "./arena.ts";
import { gzipBatch, type Piece, produceBatch, record } from "./hostile_batch.ts";
import type { Outcome } from "./load.ts";
import type { Row } from "./row.ts";
import { anotherClient, caughtUp, note } from "./rows_process.ts";
import { SteppedClock } from "./stepped_clock.ts";

/** One node, and a foreign client of it. */
export interface Place {
  /** The node. */
  readonly cluster: Cluster;
  /** What sends the records. */
  readonly foreign: ForeignClient;
}

/** A row of any kind on such a node. */
export type MakeRecordsRow = (place: Place, size: Size) => Row;

/**
 * Megabytes that a record may cost a reader, whatever its bytes. 150 000 records in a batch cost a
 * server 48 to 73: about 1.1 kB of short-lived objects each, for which V8 makes its young generation
 * larger. After each collection as much is alive as before; what is kept of every record, or all of
 * the 600 MB, would be beyond it.
 */
const MOST_MB = 96;
/** A line about records names where they are, and what is wrong with them. */
const PLACE_AND_REASON = /(?=.*offset":"?\d)(?=.*"reason":")/i;
/** A reply that nobody waits for: no reader of either topic does anything with it. */
const REPLY = [["rpc-version", "1"], ["rpc-status", "ok"]] as const;

/** Highest resident memory that a process ever had, in megabytes. */
async function peakOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_000;
}

/** A hostile batch comes on one of the topics; neither a server nor a client may mind. */
function hostile(
  name: string,
  which: "commands" | "results",
  make: () => Promise<Uint8Array>,
  logs: NonNullable<Row["logs"]> = {},
): MakeRecordsRow {
  let batch: Uint8Array;
  return ({ cluster, foreign }, { perSecond, calls }) => ({
    name: `${name}, on ${which}`,
    brokers: cluster.brokers,
    partitions: 1,
    calls,
    load: { perSecond },
    logs: which === "commands" ? { server: PLACE_AND_REASON } : logs,
    // To make it takes seconds of this process, whose calls must not wait for that.
    before: async () => {
      batch = await make();
    },
    fault: async (scene) => {
      const topic = which === "commands" ? scene.topic : `${scene.topic}_results`;
      await foreign.configure({ topic }, { "max.message.bytes": "4000000" });
      await using other = anotherClient(scene, { calls: 400, timeoutMs: 10_000 });
      await other.said("answered");
      const pids = [scene.servers[0]!.pid, other.pid];
      const before = await Promise.all(pids.map(peakOf));
      const { error } = await produceBatch(cluster.nodes[0]!.port, { topic, batch });
      if (error !== 0) throw new Error(`The broker refuses the batch with ${error}.`);
      scene.healed();
      const { outcomes } = await other.said("done") as unknown as { outcomes: Outcome[] };
      note(scene, outcomes, "ok");
      const server = await peakOf(pids[0]!) - before[0]!;
      scene.notes.push(`peak of the server +${Math.round(server)} MB`);
      if (server > MOST_MB) scene.faults.push(`the server took ${Math.round(server)} MB more`);
    },
  });
}

function many(count: number): () => Promise<Uint8Array> {
  return () => {
    function* records(): Generator<Piece> {
      for (let offset = 0; offset < count; offset++) {
        yield* record(offset, { key: "", value: 0, headers: [...REPLY] as [string, string][] });
      }
    }
    return gzipBatch(count, records());
  };
}

function wide(headers: number): () => Promise<Uint8Array> {
  const names = Array.from(
    { length: headers },
    (_, index) => [`h${index}`, "x"] as [string, string],
  );
  const all = [...REPLY.map(([name, value]) => [name, value] as [string, string]), ...names];
  return () => gzipBatch(1, record(0, { key: "wide", value: 1, headers: all }));
}

function bomb(megabytes: number): () => Promise<Uint8Array> {
  const headers = REPLY.map(([name, value]) => [name, value] as [string, string]);
  return () => gzipBatch(1, record(0, { key: "bomb", value: megabytes * 1_000_000, headers }));
}

/** Rows for both topics: one batch of 150 000 records, one record of 10 000 headers, one of 600 MB. */
export const hostileRows: readonly (readonly [name: string, MakeRecordsRow])[] =
  (["commands", "results"] as const).flatMap((which) =>
    [
      ["150 000 records in a batch", hostile("150 000 records in a batch", which, many(150_000))],
      ["10 000 headers", hostile("a record with 10 000 headers", which, wide(10_000))],
      [
        "600 MB unpacked",
        hostile("600 kB that unpack to 600 MB", which, bomb(600), { client: PLACE_AND_REASON }),
      ],
    ] as const
  ).map(([name, make], index) =>
    [`${name} on ${index < 3 ? "commands" : "results"} cost no call`, make] as const
  );

/** A transaction of another program stays open on a topic; a server is killed meanwhile. */
export function openTransaction(which: "commands" | "results"): MakeRecordsRow {
  return ({ cluster, foreign }, { calls, perSecond }) => ({
    name: `an open transaction on ${which}, and a server SIGKILL`,
    brokers: cluster.brokers,
    calls,
    load: { perSecond: Math.min(perSecond, 40) },
    serve: { concurrency: 1 },
    extra: 1,
    fault: async (scene) => {
      const topic = which === "commands" ? scene.topic : `${scene.topic}_results`;
      const transaction = `open-${scene.topic}`;
      await foreign.beginTransaction(transaction);
      for (let partition = 0; partition < 4; partition++) {
        const records = [{ key: "theirs", headers: REPLY }];
        await foreign.send({ topic, partition, transaction, records });
      }
      if (!await scene.load.succeeded(200, performance.now(), 20_000)) {
        scene.faults.push("200 calls are not answered within 20 s while a transaction is open");
      }
      await caughtUp(scene);
      await scene.servers[0]!.kill();
      await scene.startServer().said("ready");
      scene.healed();
      await scene.load.succeeded(50, performance.now(), 20_000);
      await foreign.abortTransaction(transaction);
    },
  });
}

/** The broker stamps records with its own clock, which is 10 s ahead of everybody else's. */
export const logAppendTime: MakeRecordsRow = ({ cluster, foreign }, { calls, perSecond }) => ({
  name: "LogAppendTime, the broker's clock 10 s ahead",
  brokers: cluster.brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    const settings = { "message.timestamp.type": "LogAppendTime" };
    await foreign.configure({ topic: scene.topic }, settings);
    await foreign.configure({ topic: `${scene.topic}_results` }, settings);
    using clock = new SteppedClock(-10_000);
    await scene.startServer({ clock }).said("ready");
    await scene.servers[0]!.stop();
    await using client = anotherClient(scene, { clock, timeoutMs: 5_000, calls: 100 });
    const { outcomes } = await client.said("done") as unknown as { outcomes: Outcome[] };
    note(scene, outcomes, "ok");
    scene.healed();
    await scene.startServer().said("ready");
    await scene.servers[1]!.stop();
  },
});
