import { interpreter } from "@steelyard/core";
import { cpu, type CpuOptions } from "@steelyard/cpu";
import type { Implementation } from "../implementations/implementation.ts";
import { memoryCopy } from "../implementations/memory.ts";
import { steelyard } from "../implementations/steelyard.ts";
import type { Family } from "../peak/peak-loops.ts";

/** A process, and who is measured in it. */
export interface HostSpec {
  readonly name: string;
  /** Whose peak its members are measured by. */
  readonly family: Family;
  /** Libraries are loaded by the process that uses them. */
  readonly implementations: () => Promise<Implementation[]>;
}

/** V8's revectorizer is switched on where 256 bits are asked for. */
export const roster: readonly HostSpec[] = [
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
  ...(["cpu", "wasm", "webgpu"] as const).map((device): HostSpec => {
    const load = async () => [(await import("../implementations/tfjs.ts")).tfjs(device)];
    return { name: `tfjs ${device}`, family: "128-bit FMA", implementations: load };
  }),
  ...(["wasm", "webgpu"] as const).map((device): HostSpec => {
    const load = async () => [(await import("../implementations/jax.ts")).jax(device)];
    return { name: `jax-js ${device}`, family: "128-bit FMA", implementations: load };
  }),
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

function onCpu(device: string, options: CpuOptions & { readonly threads: number }): Implementation {
  return steelyard(device, options.threads, () => cpu(options));
}
