// Evaluates expressions, inside a sandbox.

/**
 * Creates the function that evaluates an expression as the language's own `eval` does, and with
 * `await` where it compiles so. Self-contained, because it travels as text; it holds the functions
 * of the moment it was created.
 */
export function createEvaluate(): (code: string) => unknown {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const PlainFunction = (() => {}).constructor as FunctionConstructor;
  const NativeSyntaxError = SyntaxError;
  const indirectEval = eval;

  function compiles(kind: FunctionConstructor, ...bodies: string[]): boolean {
    try {
      for (const body of bodies) new kind(body);
      return true;
    } catch {
      return false; // then it is what the language's own eval makes of it, errors included
    }
  }

  // Indirect: in the global scope, so that it sees nothing of this function.
  return (code) => {
    if (!/\bawait\b/.test(code)) return indirectEval(code);
    const whole = `return (\n${code}\n)`;
    // In brackets, so that `await 1) + (2` does not compile.
    if (compiles(AsyncFunction, `return [\n${code}\n]`, whole)) return new AsyncFunction(whole)();
    // V8 would only say that `await` can't stand there.
    if (compiles(AsyncFunction, code) && !compiles(PlainFunction, code)) {
      throw new NativeSyntaxError(
        "`await` can stand in a single expression only. Write several statements as " +
          "`(async () => { …; return value; })()`.",
      );
    }
    return indirectEval(code);
  };
}
