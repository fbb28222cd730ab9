// One line of the doctor.

/** `warning`: it works, and will not always. `skipped`: it could not be looked at. */
export type Status = "ok" | "warning" | "failed" | "skipped";

export interface Check {
  readonly name: string;
  readonly status: Status;
  /** What was found. */
  readonly says: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
}

export const GLYPHS: Readonly<Record<Status, string>> = {
  ok: "✔",
  warning: "!",
  failed: "✘",
  skipped: "–",
};
