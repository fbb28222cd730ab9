/**
 * A lint rule: time, timers, chance and ids come from src/async/clock.ts, so that a simulation can
 * put its own in their place.
 *
 * @module
 */

/** Rooms that a simulation runs. */
const ROOMS = /\/src\/(?:client|server|transport|options|wire)\//;
const GLOBALS: Readonly<Record<string, string>> = {
  setTimeout: "clock.timer()",
  setInterval: "clock.timer()",
};
const MEMBERS: Readonly<Record<string, string>> = {
  "Date.now": "clock.wallTime(), or clock.now() for what lasts",
  "performance.now": "clock.now()",
  "Math.random": "clock.random()",
  "crypto.randomUUID": "clock.id()",
  "AbortSignal.timeout": "withDeadline()",
};

const plugin: Deno.lint.Plugin = {
  name: "kafka-rpc",
  rules: {
    "one-clock": {
      create(context) {
        if (!ROOMS.test(context.filename.replaceAll("\\", "/"))) return {};
        const report = (node: Deno.lint.Node, used: string, instead: string) =>
          context.report({
            node,
            message: `${used} is not the simulation's.`,
            hint: `Use ${instead} of src/async.`,
          });
        return {
          CallExpression({ callee }) {
            if (callee.type !== "Identifier") return;
            const instead = GLOBALS[callee.name];
            if (instead !== undefined) report(callee, callee.name, instead);
          },
          MemberExpression(node) {
            const { object, property } = node;
            if (object.type !== "Identifier" || property.type !== "Identifier") return;
            const name = `${object.name}.${property.name}`;
            const instead = MEMBERS[name];
            if (instead !== undefined) report(node, name, instead);
          },
        };
      },
    },
  },
};

export default plugin;
