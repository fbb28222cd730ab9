/**
 * A secured node and a foreign client beside it, which all tests of this folder share: their start
 * takes longer than most of these tests.
 *
 * @module
 */
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import { type SecuredNode, startSecuredNode } from "../../../tools/kafka/secured/secured_node.ts";
import { openForAll } from "../opening.ts";

/** The node, once tests run. */
export let node: SecuredNode;
/** Its certificate authority. */
export let ca: string;
/** A client of another kind, at the listener that asks for no login. */
export let foreign: ForeignClient;

openForAll(async (opened) => {
  node = opened.use(await startSecuredNode());
  ca = node.certificates.ca;
  foreign = opened.use(await ForeignClient.start({ brokers: node.brokers("open") }));
});
