import { bareWebgpu } from "./bare-webgpu.ts";
import type { Implementation } from "./implementation.ts";
import { jax } from "./jax.ts";
import { steelyardWebgpu } from "./steelyard-webgpu.ts";
import { tfjs } from "./tfjs.ts";

const loadGradients = (): Promise<unknown> => import("@tensorflow/tfjs-core/dist/register_all_gradients.js");

/** All that compute by WebGPU, for one process that is bundled: Node alone loads the derivatives of tfjs in another way. */
export function onWebgpu(): Implementation[] {
  return [steelyardWebgpu("webgpu"), bareWebgpu(), tfjs("webgpu", loadGradients), jax("webgpu")];
}
