// Contracts as options.
import { type Contract, contract } from "../contract/contract.ts";
import { type Check, refuse, show } from "./check.ts";

/** A table of contracts, checked as `contract()` does. */
export const contractOption: Check<Contract> = (value, name) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return contract<Contract>(value as Contract);
  }
  return refuse(name, `it is ${show(value)}`, "Give what `contract()` returns.");
};
