import type { HostFunction } from "./graph.ts";
import { reshape, split } from "./ops/views.ts";
import { hostSolvePrimitive } from "./primitives/host-solve.ts";
import { sizeOf, type Shape } from "./shape.ts";
import { apply, toTensor, type Tensor, type TensorLike } from "./tensor.ts";

/**
 * A function of the host in the middle of a plan: small numbers come to the host in f64, the results go back, and what
 * else the plan has computed stays on the device meanwhile. For solvers over T × T matrices. Results carry no gradient.
 *
 * @param shapes of the results, one tensor for each
 * @param solve gets one Float64Array for each input, row-major; returns, or promises, one array of numbers for each
 *   shape
 * @throws ShapeError, when the plan runs, if a result has another size than its shape says
 * @example hostSolve([tensor([3, 1, 2])], [[3]], (x) => [x.toSorted()]) // [[1, 2, 3]]
 */
export function hostSolve(
  inputs: readonly TensorLike[],
  shapes: readonly Shape[],
  solve: HostFunction,
  { dtype = "f32" }: { dtype?: "f32" | "f64" } = {},
): Tensor[] {
  const sizes = shapes.map(sizeOf);
  const ins = inputs.map((x) => toTensor(x));
  const all = apply(hostSolvePrimitive, ins, { sizes, dtype }, { kind: "solve", solve });
  return split(all, sizes).map((part, i) => reshape(part, shapes[i]!));
}
