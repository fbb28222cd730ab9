/**
 * Takes one line about what is going on. A "passing" line is about progress: the next line
 * may take its place.
 */
export type Log = (line: string, kind?: "passing") => void;
