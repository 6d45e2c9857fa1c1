import { invariant } from "../errors.ts";
import type { Node } from "../graph.ts";
import { linearise } from "../program.ts";
import type { Tensor } from "../tensor.ts";
import type { Algebra, Buffer } from "./algebra.ts";
import { execute, type Bound } from "./execute.ts";
import { bufferFrom } from "./interpreter.ts";

/**
 * Evaluates tensors under any algebra, from host data alone. `seeds` gives some constants further planes: the
 * directions of dual numbers, for instance; where it says nothing they are zero. The oracle of the derivative tests.
 * Variables and host solves it does not take.
 *
 * @example
 * // x² at 3, and its derivative in direction 1
 * const x = tensor([3]);
 * const [y] = interpret(dualAlgebra, [square(x)], new Map([[x, [[1]]]]));
 * y!.planes // [[9], [6]]
 */
export function interpret(
  algebra: Algebra,
  roots: readonly Tensor[],
  seeds: ReadonlyMap<Tensor, readonly ArrayLike<number>[]> = new Map(),
): readonly Buffer[] {
  const { program, nodes } = linearise(roots.map(({ node }) => node));
  const seedOf = new Map([...seeds].map(([x, planes]) => [x.node, planes]));
  const bindings = program.slots.map((i): Bound => {
    const bound = bindingOf(nodes[i]!, algebra);
    if (typeof bound === "object") seedOf.get(nodes[i]!)?.forEach((plane, p) => bound.planes[p + 1]?.set(plane));
    return bound;
  });
  const { done, value } = execute(program, bindings, algebra).next();
  invariant(done === true, "interpret has no host solves");
  return value;
}

function bindingOf({ slot, host, dtype }: Node, algebra: Algebra): Bound {
  if (slot?.kind === "number") return slot.value;
  const data = host ?? (slot?.kind === "data" ? slot.data : null);
  invariant(data !== null, "interpret starts from host data");
  return bufferFrom(algebra, dtype, data);
}
