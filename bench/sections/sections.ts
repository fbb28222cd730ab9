/**
 * All sections, in the order in which they run.
 *
 * @module
 */
import { clients } from "./clients.ts";
import { compression } from "./compression.ts";
import { crowd } from "./crowd.ts";
import { expressions } from "./expressions.ts";
import { loops } from "./loops.ts";
import { open } from "./open.ts";
import { payloads } from "./payloads.ts";
import { profile } from "./profile.ts";
import { sandboxes } from "./sandboxes.ts";
import type { Section } from "./section.ts";
import { servers } from "./servers.ts";
import { signatures } from "./signatures.ts";
import { streams } from "./streams.ts";
import { telemetry } from "./telemetry.ts";
import { tools } from "./tools.ts";
import { validation } from "./validation.ts";

/** By the name that `--only` takes. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  loops,
  expressions,
  clients,
  servers,
  open,
  payloads,
  sandboxes,
  crowd,
  compression,
  telemetry,
  tools,
  signatures,
  validation,
  streams,
  profile,
};
