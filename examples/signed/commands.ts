/**
 * Commands that know who calls.
 *
 * @module
 */
import type { CommandContext } from "@kafka-rpc/deno";

/** Says whose invoice was booked, and by whom. */
export function book({ invoice }: { invoice: string }, { principal }: CommandContext): string {
  return `${invoice}, booked by ${principal}`;
}

/** Closes the books; the server's `authorize` allows nobody to. */
export function close(): void {}
