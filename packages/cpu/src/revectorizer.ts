interface V8 {
  setFlagsFromString(flags: string): void;
}

interface NodeProcess {
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?(name: "node:v8"): V8;
}

/**
 * Switches on the pass of V8 that fuses neighbouring 128-bit operations into one of 256 bits, for the whole process and
 * for all modules compiled from now on. False where there is no such pass to switch on (browsers, other processors), or
 * where `STEELYARD_REVECTORIZE=0` forbids it.
 *
 * Source: V8, `wasm-revectorizer-phase`; the flag is `--experimental-wasm-revectorize`.
 */
export function revectorize(): boolean {
  const { process } = globalThis as { readonly process?: NodeProcess };
  if (process?.arch !== "x64" || process.env["STEELYARD_REVECTORIZE"] === "0") return false;
  const v8 = process.getBuiltinModule?.("node:v8");
  if (v8 === undefined) return false;
  v8.setFlagsFromString("--experimental-wasm-revectorize");
  return true;
}
