// Evaluates expressions, inside a sandbox.

/**
 * Creates the function that evaluates an expression as the language's own `eval` does, and with
 * `await` where it compiles so. Self-contained, because it travels as text; it holds the functions
 * of the moment it was created.
 */
export function createEvaluate(): (code: string) => unknown {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const indirectEval = eval;

  /** Whether an expression compiles with `await`. In brackets, so that `await 1) + (2` does not. */
  function isAwaiting(code: string): boolean {
    if (!/\bawait\b/.test(code)) return false;
    try {
      new AsyncFunction(`return [\n${code}\n]`);
      new AsyncFunction(`return (\n${code}\n)`);
      return true;
    } catch {
      return false; // then it is what the language's own eval makes of it, errors included
    }
  }

  // Indirect: in the global scope, so that it sees nothing of this function.
  return (code) =>
    isAwaiting(code) ? new AsyncFunction(`return (\n${code}\n)`)() : indirectEval(code);
}
