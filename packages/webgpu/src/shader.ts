import type { ContractionSchedule } from "./wgsl/contraction-schedule.ts";

// What the printers of this package give its runtime: text and how to run it. No GPU object is needed to make one, so
// shaders can be read, tested and compared on any machine.

/**
 * A kernel as WGSL, with the entry point `main`. In group 0, bindings 0 … n − 1 are the kernel's buffers in their order,
 * and binding n, where there are `words`, the uniform that holds them.
 */
export interface Shader {
  readonly text: string;
  /** Workgroups along x, y and z. */
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** How each buffer is bound: whatever is stored into is "read_write". */
  readonly access: readonly ("read" | "read_write")[];
  /**
   * Words of 32 bits that the runtime hands over: where `RenderOptions.offsets` says so the offset of each buffer in
   * elements, and behind them the runtime numbers, each in the bits of its dtype (an f16 as the f32 it was computed in).
   * Word k is `words[k / 4][k % 4]` of an array of vec4<u32>.
   */
  readonly words: number;
}

/** What a text may use, and how it is written. */
export interface RenderOptions {
  /** How contractions are computed; null: as `defaultSchedule` says. */
  readonly schedule: ContractionSchedule | null;
  /** Software adapters want large register tiles and no workgroup memory, GPUs the opposite. */
  readonly adapter: "software" | "gpu";
  readonly features: { readonly f16: boolean; readonly subgroups: boolean };
  readonly limits: {
    /** Workgroups along one dimension of a dispatch. */
    readonly workgroups: number;
    /** Invocations of one workgroup. */
    readonly invocations: number;
    /** Bytes of workgroup memory. */
    readonly workgroupBytes: number;
    /** Invocations of a subgroup, where they are always as many. */
    readonly subgroup?: number;
  };
  /** Whether buffers begin at offsets that are runtime words. */
  readonly offsets: boolean;
}

/** What every adapter can do: the limits that the WebGPU specification guarantees. */
export const guaranteed: Omit<RenderOptions, "schedule"> = {
  adapter: "gpu",
  features: { f16: false, subgroups: false },
  limits: { workgroups: 65_535, invocations: 256, workgroupBytes: 16_384 },
  offsets: false,
};
