/**
 * librdkafka in a process, for the long fault tests: the library of most programs that are neither
 * Java nor JavaScript. It comes from PyPI at its first use; the short tests do without.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type ForeignOptions, ForeignProcess } from "./foreign_process.ts";
import { fromPyPI, PYTHON } from "./pypi.ts";

/** The package for Python that has it. */
export const LIBRDKAFKA = "confluent-kafka==2.16.1";
const PROGRAM = fileURLToPath(new URL("./librdkafka.py", import.meta.url));

/** Clients of librdkafka, in a process of their own. */
export class Librdkafka extends ForeignProcess {
  /** Starts it. It needs Python 3 with pip, and PyPI at its first use. */
  static async start({ brokers, settings }: ForeignOptions): Promise<Librdkafka> {
    return new Librdkafka(PYTHON, [PROGRAM], {
      settings: { "bootstrap.servers": brokers.join(), ...settings },
      env: { PYTHONPATH: await fromPyPI(LIBRDKAFKA) },
    });
  }
}
