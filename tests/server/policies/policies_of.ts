// Policies for the tests of what heeds them.
import type { CommandPolicy } from "../../../src/contract/policy.ts";
import { CommandPolicies } from "../../../src/server/command_policies.ts";

/** Those of a server with these limits. */
export function policiesOf(
  limits: { timeoutMs?: number; queueMs?: number; requestBytes?: number } = {},
  chosen: Readonly<Record<string, CommandPolicy>> = {},
): CommandPolicies {
  const wide = { timeoutMs: 600_000, queueMs: 600_000, requestBytes: 1_000 };
  return new CommandPolicies({ limits: { ...wide, ...limits }, chosen });
}
