/** Version of this package; a test compares it with `deno.json`, which a sandboxed import can't read. */
export const PACKAGE_VERSION = "0.1.0";
