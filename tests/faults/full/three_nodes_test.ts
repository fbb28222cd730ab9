// The fault matrix on a cluster of three nodes, each broker and controller.
import type { Cluster } from "../../../tools/kafka/cluster.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { FULL } from "../arena.ts";
import { judge } from "../oracle.ts";
import { openForAll, SHARED } from "../opening.ts";
import {
  coordinatorKilled,
  leaderKilled,
  leaderStopped,
  leaderSuspended,
  type MakeClusterRow,
  twoOfThreeDown,
} from "../rows_cluster.ts";
import { streamsLeaderMoved } from "../rows_streams.ts";

let cluster: Cluster;

openForAll(async (opened) => {
  cluster = opened.use(await startCluster({ nodes: 3 }));
});

// What a failed row has left behind is not the next one's.
Deno.test.beforeEach(async () => {
  const down = cluster.nodes.filter(({ up }) => !up);
  for (const node of cluster.nodes) if (node.up) node.resume();
  await Promise.all(down.map((node) => node.restart()));
});

function row(name: string, make: MakeClusterRow): void {
  Deno.test(name, SHARED, () => judge(make(cluster, FULL)));
}

row("a leader that is stopped costs no call", leaderStopped);
row("a leader that is killed costs no call", leaderKilled);
row("a leader that takes connections and says nothing costs no call", leaderSuspended);
row("a coordinator that is killed costs no call", coordinatorKilled);
row("two of three nodes that are killed and come back cost no call", twoOfThreeDown);
row("a leader of the results that is killed costs no value of a stream", streamsLeaderMoved);
