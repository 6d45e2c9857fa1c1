import { usageError, type Arguments } from "./command-line.ts";
import { catalogue } from "./works/catalogue.ts";
import type { Work } from "./works/work.ts";

export const usage = `pnpm bench cpu [--quick] [--only TEXT] [--without TEXT]… [--json FILE]
pnpm bench interpreter [--quick] [--only TEXT] [--json FILE]

  cpu             the CPU device and all peers
  interpreter     the interpreter, before and after other algebras have run
  --quick         short measurements, for a first look
  --only TEXT     what has TEXT in its work, implementation or device (interpreter: in its work)
  --without TEXT  all but implementations with TEXT in "implementation device", such as tfjs or "jax-js wasm" (cpu)
  --json FILE     write the results to FILE as well (cpu: and tables beside it, as .md and .html)`;

/** The benchmark asked for; the interpreter's when none is named. @throws UsageError */
export function benchmarkOf({ positionals, without }: Arguments): "cpu" | "interpreter" {
  const [name = "interpreter"] = positionals;
  if (name === "interpreter" && without.length > 0) throw usageError("cpu, to leave somebody out", "interpreter");
  if (positionals.length <= 1 && (name === "cpu" || name === "interpreter")) return name;
  throw usageError("cpu or interpreter", positionals.join(" "));
}

/** Whether `--only` and `--without` leave a piece of work to an implementation. */
export function wantedBy(only: string, without: readonly string[]) {
  return (
    { name }: Pick<Work, "name">,
    { impl, device }: { readonly impl: string; readonly device: string },
  ): boolean => {
    const isLeftOut = without.some((text) => `${impl} ${device}`.includes(text));
    return !isLeftOut && [name, impl, device].some((text) => text.includes(only));
  };
}

/** Who is measured, and on what. */
export const libraries = ["steelyard", "tfjs", "jax-js", "pytorch", "memory", "node"];
export const devicesOf = [
  "cpu",
  "cpu direct",
  "cpu 128-bit",
  "cpu deterministic",
  "interpreter",
  "wasm",
  "webgpu",
  "copy",
  "process",
];

/** Refuses a text that nothing has in it, before anything is started. @throws UsageError */
export function requireSomething(only: string, extraWorks: readonly string[]): void {
  const names = [...new Set(catalogue().map(({ name }) => name)), ...extraWorks, ...libraries, ...devicesOf];
  if (names.some((name) => name.includes(only))) return;
  throw usageError(`--only with a part of ${names.join(", ")}`, only);
}
