import { SteelyardError } from "../errors.ts";
import { describeNode, type Node } from "../graph.ts";
import { linearise } from "../program.ts";
import type { Tensor } from "../tensor.ts";
import type { Algebra, Buffer } from "./algebra.ts";
import { execute, type Bound } from "./execute.ts";
import { bufferFrom } from "./interpreter.ts";

/**
 * Evaluates tensors under any algebra, from host data alone. `seeds` gives some constants further planes: the
 * directions of dual numbers, for instance; where it says nothing they are zero. The oracle of the derivative tests.
 *
 * @throws ValueError for a Variable or a host solve
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
  if (done !== true) throw notData("a host solve");
  return value;
}

function bindingOf(node: Node, algebra: Algebra): Bound {
  const { slot, host, dtype } = node;
  if (slot?.kind === "number") return slot.value;
  const data = host ?? (slot?.kind === "data" ? slot.data : null);
  if (data === null) throw notData(describeNode(node));
  return bufferFrom(algebra, dtype, data);
}

function notData(got: string): SteelyardError {
  const hint = "read it first, and start from a tensor of its data";
  return new SteelyardError({ code: "ValueError", who: "interpret", needs: "graphs over host data alone", got, hint });
}
