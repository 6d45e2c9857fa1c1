import { inputsFirst } from "../graph.ts";
import { interpret } from "../interpreter/interpret.ts";
import { f32Algebra, f64Algebra } from "../interpreter/real.ts";
import { poolGatherPrimitive } from "../primitives/max-pool.ts";
import { argmaxPrimitive, maxPrimitive, minPrimitive, type ReduceAttrs } from "../primitives/reduce.ts";
import { apply, tensor, Tensor } from "../tensor.ts";

/**
 * Whether f32 chooses as f64 does in every maximum and minimum behind the roots. Of a choice that rounding turns, the
 * running error knows nothing (see its docstring): graphs that hold one prove nothing about a device.
 */
export function sameChoices(roots: readonly Tensor[]): boolean {
  const choices = choicesIn(roots);
  const [inF32, inF64] = [f32Algebra, f64Algebra].map((algebra) => interpret(algebra, choices));
  return inF32!.every(({ planes: [at] }, i) => at!.every((place, j) => place === inF64![i]!.planes[0]![j]));
}

/** Which element each maximum takes. */
function choicesIn(roots: readonly Tensor[]): Tensor[] {
  return inputsFirst(roots.map(({ node }) => node)).flatMap(({ primitive, inputs, attrs }) => {
    const [x] = inputs.map((node) => new Tensor(node));
    if (primitive === maxPrimitive || primitive === minPrimitive) {
      return [apply(argmaxPrimitive, [x!], { ...(attrs as ReduceAttrs), least: primitive === minPrimitive })];
    }
    if (primitive !== poolGatherPrimitive) return [];
    const places = tensor(Array.from({ length: x!.size }, (_, i) => i)).reshape(x!.shape);
    return [apply(poolGatherPrimitive, [x!, places], attrs)];
  });
}
