/**
 * Every mutant: for each situation that once broke this package, the cure that is taken out.
 *
 * @module
 */
import { CORE_MUTANTS } from "./core_mutants.ts";
import { DISCOVERY_MUTANTS } from "./discovery_mutants.ts";
import { GROUP_MUTANTS } from "./group_mutants.ts";
import type { Mutant } from "./mutant.ts";
import { RECORD_MUTANTS } from "./record_mutants.ts";
import { SIGNING_MUTANTS } from "./signing_mutants.ts";
import { SOCKET_MUTANTS } from "./socket_mutants.ts";

/** All of them, from the socket upwards. */
export const MUTANTS: readonly Mutant[] = [
  ...SOCKET_MUTANTS,
  ...RECORD_MUTANTS,
  ...CORE_MUTANTS,
  ...GROUP_MUTANTS,
  ...SIGNING_MUTANTS,
  ...DISCOVERY_MUTANTS,
];
