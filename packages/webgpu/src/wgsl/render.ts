import type { Kernel } from "@steelyard/compiler";
import type { RenderOptions, Shader } from "../shader.ts";
import { renderContraction } from "./contraction.ts";
import { renderLoop } from "./loop.ts";

/** A kernel as WGSL: the same kernel and options give the same text. */
export function renderKernel(kernel: Kernel, options: RenderOptions): Shader {
  return kernel.kind === "loop" ? renderLoop(kernel, options) : renderContraction(kernel, options);
}
