// Looks at files, in a Deno of its own.

export interface Disk {
  /** What stands between the names of a path. */
  readonly separator: string;
  /** The folder of a path; that of the root is the root. */
  parentOf(path: string): string;
  join(folder: string, name: string): string;
  /** What is found; undefined where there is no such file, or it may not be looked at. */
  ifThere<T>(found: Promise<T>): Promise<T | undefined>;
  isFile(path: string): Promise<boolean>;
  /** JSON, with comments; undefined where there is none. */
  // deno-lint-ignore no-explicit-any -- JSON of any shape; each field is looked at before its use
  readJson(path: string): Promise<any>;
}

/** Self-contained, because it travels as text. */
export function createDisk(): Disk {
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  const parentOf = (path: string) => {
    const cut = path.replace(/[/\\]+$/, "").replace(/[^/\\]+$/, "");
    return cut.length > 1 && !/^[A-Za-z]:[/\\]$/.test(cut) ? cut.replace(/[/\\]$/, "") : cut;
  };
  const join = (folder: string, name: string) => folder.replace(/[/\\]$/, "") + separator + name;

  async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
    try {
      return await found;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      if (error instanceof Deno.errors.PermissionDenied) return undefined;
      throw error;
    }
  }
  const isFile = async (path: string) => (await ifThere(Deno.stat(path)))?.isFile === true;

  // deno-lint-ignore no-explicit-any -- JSON of any shape; each field is looked at before its use
  async function readJson(path: string): Promise<any> {
    const text = await ifThere(Deno.readTextFile(path));
    if (text === undefined) return undefined;
    const plain = text.replace(/^\uFEFF/, "")
      .replace(
        /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
        (part) => part[0] === '"' ? part : " ",
      )
      .replace(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, (part) => part[0] === '"' ? part : "");
    try {
      return JSON.parse(plain);
    } catch {
      return undefined; // Deno itself says what is wrong with it, when it is given the file
    }
  }

  return { separator, parentOf, join, ifThere, isFile, readJson };
}
