// What schemas find wrong, read without trust: their texts cross the wire.

/** One thing that is wrong with a value, as `details.issues` of an error has it. */
export interface Issue {
  /** What is wrong, for people. */
  readonly message: string;
  /** Where: the keys from the whole value on; empty for the value itself. */
  readonly path: readonly (string | number)[];
}

/** Most issues that an error names. */
const MAX_ISSUES = 20;
/** Most keys of a path. */
const MAX_KEYS = 32;
/** Most characters of a message, and of a key. */
const MAX_CHARS = { message: 500, key: 100 } as const;
/** Most bytes of all issues together as JSON: an error's details have room for 16 384. */
const MAX_BYTES = 12_000;

const utf8 = new TextEncoder();

/**
 * Reads the issues of a schema, the first ones where there are many. Throws a TypeError where they
 * are no list, and whatever a getter of them throws.
 */
export function readIssues(issues: unknown): readonly Issue[] {
  if (!Array.isArray(issues)) {
    throw new TypeError("the schema is broken: the issues that it gave are no list");
  }
  const read: Issue[] = [];
  let bytes = 0;
  for (let index = 0; index < Math.min(issues.length, MAX_ISSUES); index++) {
    const issue = readIssue(issues[index]);
    bytes += utf8.encode(JSON.stringify(issue)).length;
    if (bytes > MAX_BYTES && read.length > 0) break;
    read.push(issue);
  }
  return read.length > 0 ? read : [{ message: "the value is not valid", path: [] }];
}

function readIssue(issue: unknown): Issue {
  const { message, path } = Object(issue) as { message?: unknown; path?: unknown };
  const text = typeof message === "string" ? message.slice(0, MAX_CHARS.message) : "not valid";
  return { message: text.toWellFormed(), path: Array.isArray(path) ? readPath(path) : [] };
}

function readPath(path: readonly unknown[]): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let index = 0; index < Math.min(path.length, MAX_KEYS); index++) {
    const segment = path[index];
    const isKey = typeof segment !== "object" || segment === null;
    const key = isKey ? segment : (segment as { key?: unknown }).key;
    if (typeof key === "number") keys.push(key);
    else if (typeof key === "string" || typeof key === "symbol") {
      keys.push(String(key).slice(0, MAX_CHARS.key).toWellFormed());
    } else keys.push("?");
  }
  return keys;
}

/** A path as it is written in code, as in `a.b[1]`; "" for the value itself. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** Issues as part of a sentence: the first three, and how many more there are. */
export function issuesText(issues: readonly Issue[]): string {
  const texts = issues.slice(0, 3).map(({ message, path }) => {
    const text = message.replace(/\.$/, "");
    return path.length === 0 ? text : `\`${pathText(path)}\`: ${text}`;
  });
  const more = issues.length - texts.length;
  return texts.join("; ") + (more > 0 ? `; and ${more} more` : "");
}
