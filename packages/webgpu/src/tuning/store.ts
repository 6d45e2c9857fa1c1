/** Where tables of tuning stay from one process to the next: texts by name. */
export interface TuningStore {
  /** Null where there is none of this name. */
  read(name: string): Promise<string | null>;
  /** Whoever reads at the same time sees all of the old text or all of the new one. */
  write(name: string, text: string): Promise<void>;
}

/** Where this program keeps what it has found out: files in Node, IndexedDB in browsers, null where there is neither. */
export function defaultStore(): TuningStore | null {
  const { process: node, indexedDB: factory } = globalThis as { process?: NodeJS.Process; indexedDB?: IDBFactory };
  const paths = node?.getBuiltinModule?.("node:path");
  if (node !== undefined && paths !== undefined) {
    const home = node.getBuiltinModule("node:os").homedir();
    // The XDG base directory specification: a variable that is empty is one that is not set.
    return fileStore(paths.join(node.env["XDG_CACHE_HOME"] || paths.join(home, ".cache"), "steelyard"));
  }
  return factory === undefined ? null : databaseStore(factory);
}

/** Files in a folder, which is made when the first is written. */
export function fileStore(folder: string): TuningStore {
  const files = process.getBuiltinModule("node:fs/promises");
  const paths = process.getBuiltinModule("node:path");
  return {
    async read(name) {
      try {
        return await files.readFile(paths.join(folder, name), "utf8");
      } catch (error) {
        if ((error as { code?: unknown }).code === "ENOENT") return null;
        throw error;
      }
    },
    async write(name, text) {
      await files.mkdir(folder, { recursive: true });
      // Under a name that nobody else has, and then all at once.
      const fresh = paths.join(folder, `${name}.${crypto.randomUUID()}`);
      try {
        await files.writeFile(fresh, text);
        await files.rename(fresh, paths.join(folder, name));
      } finally {
        await files.rm(fresh, { force: true });
      }
    },
  };
}

const database = { name: "steelyard", texts: "texts" };

/** A database of the browser, for this origin. */
export function databaseStore(factory: IDBFactory): TuningStore {
  const open = async (): Promise<IDBDatabase> => {
    const request = factory.open(database.name, 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(database.texts));
    return settled(request);
  };
  const inTexts = async <Result>(
    mode: IDBTransactionMode,
    act: (texts: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result> => {
    const opened = await open();
    try {
      return await settled(act(opened.transaction(database.texts, mode).objectStore(database.texts)));
    } finally {
      opened.close();
    }
  };
  return {
    async read(name) {
      const found: unknown = await inTexts("readonly", (texts) => texts.get(name));
      return typeof found === "string" ? found : null;
    },
    async write(name, text) {
      await inTexts("readwrite", (texts) => texts.put(text, name));
    },
  };
}

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the database does not say why")));
  });
}
