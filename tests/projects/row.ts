/**
 * A project: what a command gives must not depend on where it runs.
 *
 * @module
 */
import type { Files } from "../scratch_folder.ts";

/** One project. */
export interface Row {
  /** What is special about it. */
  readonly name: string;
  /** Its files; links to other files of it begin with "->". */
  readonly files: Files;
  /** Its commands module, which exports `value`. Default: commands.ts. */
  readonly module?: string;
  /** Flags that the program is started with; FOLDER stands for the folder of the project. */
  readonly flags?: readonly string[];
  /** What `value` gives, everywhere. */
  readonly gives: unknown;
}
