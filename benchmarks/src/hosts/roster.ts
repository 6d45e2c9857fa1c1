import { interpreter } from "@steelyard/core";
import { cpu, type CpuOptions } from "@steelyard/cpu";
import type { Implementation } from "../implementations/implementation.ts";
import { memoryCopy } from "../implementations/memory.ts";
import { steelyard } from "../implementations/steelyard.ts";
import type { PeakFamily } from "../peak/peak.ts";
import type { PeerBenchmark } from "../options.ts";

/** A process, and who is measured in it. */
export interface HostSpec {
  readonly name: string;
  /** Whose peak its members are measured by. */
  readonly family: PeakFamily;
  /** Libraries are loaded by the process that uses them. */
  readonly implementations: () => Promise<Implementation[]>;
}

/** V8's revectorizer is switched on where 256 bits are asked for. */
const onProcessor: readonly HostSpec[] = [
  {
    name: "steelyard",
    family: "256-bit FMA",
    implementations: async () => [1, 2].map((threads) => onCpu("cpu", { threads, revectorize: true })),
  },
  {
    // Without Winograd's transforms operations are what they seem, and a share of the peak means something.
    name: "steelyard, direct",
    family: "256-bit FMA",
    implementations: async () => {
      return [1, 2].map((threads) => onCpu("cpu direct", { threads, revectorize: true, winograd: false }));
    },
  },
  {
    name: "steelyard, 128 bits",
    family: "128-bit FMA",
    implementations: async () =>
      [1, 2].map((threads) => onCpu("cpu 128-bit", { threads, revectorize: false, winograd: false })),
  },
  {
    name: "steelyard, deterministic",
    family: "128-bit mul + add",
    implementations: async () => [onCpu("cpu deterministic", { threads: 1, revectorize: false, deterministic: true })],
  },
  {
    name: "interpreter",
    family: "128-bit FMA",
    implementations: async () => [steelyard("interpreter", 1, () => interpreter())],
  },
  { name: "memory", family: "128-bit FMA", implementations: async () => [memoryCopy] },
  ...(["cpu", "wasm", "webgpu"] as const).map((device) => ofTfjs(device, `tfjs ${device}`, "128-bit FMA")),
  ...(["wasm", "webgpu"] as const).map((device) => ofJax(device, `jax-js ${device}`, "128-bit FMA")),
  {
    // Its kernels are as wide as the machine: at least 256 bits where that family exists.
    name: "pytorch",
    family: "256-bit FMA",
    implementations: async () => {
      const { pytorch } = await import("../implementations/pytorch.ts");
      return [1, 2].map(pytorch);
    },
  },
];

const onGpu: readonly HostSpec[] = [
  {
    name: "steelyard webgpu",
    family: "WGSL FMA",
    implementations: async () => [(await import("../implementations/steelyard-webgpu.ts")).steelyardWebgpu("webgpu")],
  },
  {
    name: "bare webgpu",
    family: "WGSL FMA",
    implementations: async () => [(await import("../implementations/bare-webgpu.ts")).bareWebgpu()],
  },
  ofTfjs("webgpu", "tfjs webgpu, by its own peak", "WGSL FMA"),
  ofJax("webgpu", "jax-js webgpu, by its own peak", "WGSL FMA"),
];

/** Who takes part in what. */
export const rosters: Readonly<Record<PeerBenchmark, readonly HostSpec[]>> = { cpu: onProcessor, webgpu: onGpu };

function ofTfjs(device: "cpu" | "wasm" | "webgpu", name: string, family: PeakFamily): HostSpec {
  return {
    name,
    family,
    async implementations() {
      const { tfjs } = await import("../implementations/tfjs.ts");
      const { loadGradients } = await import("../implementations/tfjs-gradients.ts");
      return [tfjs(device, loadGradients)];
    },
  };
}

function ofJax(device: "wasm" | "webgpu", name: string, family: PeakFamily): HostSpec {
  return { name, family, implementations: async () => [(await import("../implementations/jax.ts")).jax(device)] };
}

function onCpu(device: string, options: CpuOptions & { readonly threads: number }): Implementation {
  return steelyard(device, options.threads, () => cpu(options));
}
