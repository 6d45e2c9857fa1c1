import type { Arguments } from "./command-line.ts";
import { emptyProcess, startWork } from "./start/start-names.ts";
import { usageError } from "./usage-error.ts";
import { catalogue, gpuCatalogue } from "./works/catalogue.ts";
import type { Work } from "./works/work.ts";

export const usage = `pnpm bench cpu [--quick] [--only TEXT] [--without TEXT]… [--json FILE]
pnpm bench webgpu [--quick] [--only TEXT] [--without TEXT]… [--json FILE]
pnpm bench interpreter [--quick] [--only TEXT] [--json FILE]

  cpu             the CPU device and all peers
  webgpu          the WebGPU device and peers that have one, on the same adapter
  interpreter     the interpreter, before and after other algebras have run
  --quick         short measurements, for a first look
  --only TEXT     what has TEXT in its work, implementation or device (interpreter: in its work)
  --without TEXT  all but implementations with TEXT in "implementation device", such as tfjs or "jax-js wasm"
  --json FILE     write the results to FILE as well (and tables beside it, as .md and .html)

For Vulkan VK_DRIVER_FILES names the driver, and with it the adapter: /usr/share/vulkan/icd.d/lvp_icd.json is lavapipe.`;

/** Benchmarks in which others take part. */
export type PeerBenchmark = "cpu" | "webgpu";
export type Benchmark = PeerBenchmark | "interpreter";

/** The benchmark asked for; the interpreter's when none is named. @throws UsageError */
export function benchmarkOf({ positionals, without }: Arguments): Benchmark {
  const [name = "interpreter"] = positionals;
  if (name === "interpreter" && without.length > 0)
    throw usageError("cpu or webgpu, to leave somebody out", "interpreter");
  if (positionals.length <= 1 && (name === "cpu" || name === "webgpu" || name === "interpreter")) return name;
  throw usageError("cpu, webgpu or interpreter", positionals.join(" "));
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

export function worksOf(benchmark: PeerBenchmark): Work[] {
  return benchmark === "cpu" ? catalogue() : gpuCatalogue();
}

/** Who is measured. */
export const contendersOf: Readonly<
  Record<PeerBenchmark, { readonly libraries: readonly string[]; readonly devices: readonly string[] }>
> = {
  cpu: {
    libraries: ["steelyard", "tfjs", "jax-js", "pytorch", "memory", "node"],
    devices: [
      "cpu",
      "cpu direct",
      "cpu 128-bit",
      "cpu deterministic",
      "interpreter",
      "wasm",
      "webgpu",
      "copy",
      "process",
    ],
  },
  webgpu: { libraries: ["steelyard", "tfjs", "jax-js", "bare"], devices: ["webgpu"] },
};

/** Refuses a text that nothing has in it, before anything is started. @throws UsageError */
export function requireSomething(benchmark: PeerBenchmark, only: string): void {
  const works = new Set(worksOf(benchmark).map(({ name }) => name));
  const processes = benchmark === "cpu" ? [emptyProcess, startWork] : [];
  const { libraries, devices } = contendersOf[benchmark];
  const names = [...works, ...processes, ...libraries, ...devices];
  if (names.some((name) => name.includes(only))) return;
  throw usageError(`--only with a part of ${names.join(", ")}`, only);
}
