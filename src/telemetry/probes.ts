// Answers to the probes of Kubernetes.
import type { Client, ClientState } from "../client/client.ts";
import type { Server, ServerState } from "../server/server.ts";

/** A server that is outside its group for so long, in milliseconds, does not come back by itself. */
const LOST_MS = 300_000;

/** What a probe looks at. */
export type Probed =
  | Pick<Client, "state">
  | Pick<Server, "state" | "partitions">;

/**
 * Makes the answer to a liveness probe: whether the program must be started again.
 *
 * @param sides Clients and servers of the program.
 * @returns Answers 200, or 503 with the reasons: a side is closed, or a server has been outside its
 * consumer group for five minutes. That it answers at all shows that the event loop runs.
 *
 * @example
 * ```ts
 * import type { Server } from "@kafka-rpc/deno";
 * import { health } from "@kafka-rpc/deno/metrics";
 *
 * export const probe = (server: Server) => Deno.serve({ port: 8080 }, health(server));
 * ```
 */
export function health(...sides: readonly Probed[]): () => Response {
  const joiningSince = new Map<Probed, number>();
  return () =>
    answer(sides.map((side) => {
      const state: ClientState | ServerState = side.state;
      if (state === "closed") return `a ${kindOf(side)} is closed`;
      if (state !== "joining") {
        joiningSince.delete(side);
        return undefined;
      }
      const since = joiningSince.getOrInsert(side, performance.now());
      if (performance.now() - since < LOST_MS) return undefined;
      return "a server has been outside its consumer group for five minutes";
    }));
}

/**
 * Makes the answer to a readiness probe: whether calls are answered here, or replies come, just now.
 *
 * @param sides Clients and servers of the program.
 * @returns Answers 200, or 503 with the reasons: a client's results stream is interrupted, a server
 * is no member of its consumer group, or has no partition, as where there are more servers than
 * partitions.
 *
 * @example
 * ```ts
 * import type { Client } from "@kafka-rpc/deno";
 * import { ready } from "@kafka-rpc/deno/metrics";
 *
 * export const probe = (client: Client) => Deno.serve({ port: 8080 }, ready(client));
 * ```
 */
export function ready(...sides: readonly Probed[]): () => Response {
  return () =>
    answer(sides.map((side) => {
      const { state } = side;
      if (state === "closed") return `a ${kindOf(side)} is closed`;
      if (state === "reconnecting") return "a client's results stream is interrupted";
      if (state === "joining") return "a server is no member of its consumer group";
      if (!("partitions" in side) || side.partitions.length > 0) return undefined;
      return "a server has no partition: others have them all. Add partitions to the commands topic";
    }));
}

function answer(problems: readonly (string | undefined)[]): Response {
  const reasons = problems.filter((problem) => problem !== undefined);
  if (reasons.length === 0) return Response.json({ status: "ok" });
  return Response.json({ status: "unavailable", reasons }, { status: 503 });
}

function kindOf(side: Probed): "client" | "server" {
  return "partitions" in side ? "server" : "client";
}
