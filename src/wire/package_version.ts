/** Version of this package: a test compares it with `deno.json`. */
export const PACKAGE_VERSION = "0.1.0";
