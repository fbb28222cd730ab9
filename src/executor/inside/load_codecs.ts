// Codecs of a user, from their modules.
import type { Codecs } from "../../wire/codecs/codecs.ts";

/**
 * Imports codecs, in this process or inside a sandbox. Self-contained, because it travels as text.
 * Rejects with a TypeError where the default export of a module is no codec, or one with a content
 * type that is taken.
 */
export async function loadCodecs(
  modules: readonly string[],
  create: (added: readonly unknown[]) => Codecs,
): Promise<Codecs> {
  const added: unknown[] = [];
  let codecs = create(added);
  for (const module of modules) {
    added.push((await import(module)).default);
    try {
      codecs = create(added);
    } catch (error) {
      throw new TypeError(`the default export of ${module}: ${(error as Error).message}`);
    }
  }
  return codecs;
}
