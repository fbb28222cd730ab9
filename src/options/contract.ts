// Contracts as options.
import { type Contract, contract } from "../contract/contract.ts";
import { type CommandPolicy, policyProblem } from "../contract/policy.ts";
import { type Check, refuse, show } from "./check.ts";
import { join } from "./shape.ts";

/** A table of contracts, checked as `contract()` does. */
export const contractOption: Check<Contract> = (value, name) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return contract<Contract>(value as Contract);
  }
  return refuse(name, `it is ${show(value)}`, "Give what `contract()` returns.");
};

/** Policies by the names of commands. */
export const policiesOption: Check<Readonly<Record<string, CommandPolicy>>> = (value, name) => {
  const example = "Give policies by command, for example { report: { timeoutMs: 60_000 } }.";
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(name, `it is ${show(value)}`, example);
  }
  const entries = Object.entries(value as Record<string, CommandPolicy>);
  return Object.fromEntries(entries.map(([command, policy]) => {
    const problem = policyProblem(policy);
    if (problem !== undefined) refuse(join(name, command), `it ${problem}`, example);
    return [command, { ...policy, ...policy.limits && { limits: { ...policy.limits } } }];
  }));
};
