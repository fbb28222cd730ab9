/**
 * Request and reply by NATS, both sides in one process, each with a connection of its own.
 *
 *     lane.mjs <address> <subject>
 */
import { connect } from "@nats-io/transport-node";
import process from "node:process";
import { runLane } from "../node_lane.mjs";

const [servers, subject] = process.argv.slice(2);
const answering = await connect({ servers });
answering.subscribe(subject, { callback: (_error, message) => message.respond(message.data) });
await answering.flush();
const calling = await connect({ servers });
const value = new TextEncoder().encode(JSON.stringify({ a: 1, b: 2 }));
await runLane(() => calling.request(subject, value, { timeout: 60_000 }));
