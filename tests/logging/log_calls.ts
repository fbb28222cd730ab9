/**
 * Finds the calls of loggers in source text, and the names of the fields that they give.
 *
 * @module
 */

/** A call that writes a line. */
export interface LogCall {
  /** The level, or `log` for a throttle. */
  readonly level: string;
  /** Its text, up to where it differs; undefined where it is no literal. */
  readonly text: string | undefined;
  /** Its second argument, as it is written; empty where there is none. */
  readonly fields: string;
}

const WRITES = /(?<![.\w])[\w.#?]*\.(debug|info|warn|error|log)\(/g;
/** `console` prints what was asked for, and the rest is no log. */
const OTHERS = /^(?:console|Math|fallbackConsole)\./;
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** The calls in a file, without those in comments. */
export function logCalls(source: string): LogCall[] {
  const text = source.replaceAll(/^\s*(?:\*|\/\/|\/\*\*).*$/gm, "");
  return [...text.matchAll(WRITES)]
    .filter(([call]) => !OTHERS.test(call))
    .map(({ 0: call, 1: level = "", index }) => {
      const [first = "", fields = ""] = parts(text.slice(index + call.length));
      return { level, text: /^(["`])([^]*?)(?:\$\{[^]*)?\1$/.exec(first)?.[2], fields };
    });
}

/** What is between commas, up to the bracket that closes the whole. */
export function parts(text: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (`"'\``.includes(character)) {
      const end = endOfString(text, at);
      part += text.slice(at, end);
      at = end - 1;
    } else if (character === "," && open.length === 0) {
      found.push(part.trim());
      part = "";
    } else {
      if (character in CLOSING) open.push(CLOSING[character]!);
      else if (")]}".includes(character) && open.pop() === undefined) break;
      part += character;
    }
  }
  return [...found, part.trim()].filter((one) => one !== "");
}

/** Texts of templates hold no quotes of their kind, here. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Names in an object literal; what is spread into it, and other expressions, begin with `...`. */
export function namesIn(expression: string): string[] {
  if (!expression.startsWith("{")) return [`...${expression}`];
  return parts(expression.slice(1)).map((part) =>
    part.startsWith("...") ? part : part.split(":", 1)[0]!.trim()
  );
}
