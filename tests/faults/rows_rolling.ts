/**
 * Rows of the fault matrix in which programs of an earlier revision work with those of this one.
 *
 * @module
 */
import type { ScratchFolder } from "../scratch_folder.ts";
import { lasts } from "./arena.ts";
import type { Outcome } from "./load.ts";
import type { Row, Scene } from "./row.ts";
import { anotherClient, note } from "./rows_process.ts";

/** Both kinds of servers share the partitions for so long. */
const TOGETHER_MS = 4_000;

/** What a row needs. */
export interface RollingParts {
  readonly brokers: readonly string[];
  /** The files of the earlier revision. */
  readonly old: ScratchFolder;
}

/** A client of this revision calls; servers are replaced by earlier ones, and these by new ones. */
export const rolledBackAndForth = ({ brokers, old }: RollingParts): Row => ({
  name: "servers rolled back to an earlier revision and forth, one group",
  brokers,
  calls: 2_000,
  servers: 2,
  load: { perSecond: 100, holdMs: 10 },
  fault: async (scene) => {
    for (const project of [old.path, old.path, undefined, undefined]) {
      await replaceFirst(scene, project);
    }
  },
});

async function replaceFirst(scene: Scene, project: string | undefined): Promise<void> {
  const next = scene.startServer({ project });
  await next.said("ready");
  await lasts(TOGETHER_MS);
  await scene.servers[scene.servers.length - 3]!.stop();
}

/** A client of an earlier revision calls a server of this one. */
export const earlierClient = ({ brokers, old }: RollingParts): Row => ({
  name: "a client of an earlier revision",
  brokers,
  calls: 500,
  fault: async (scene) => {
    await using client = anotherClient(scene, { project: old.path, calls: 500 });
    const { outcomes } = await client.said("done");
    note(scene, outcomes as Outcome[], "ok");
  },
});
