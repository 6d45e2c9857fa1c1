import { isFloat } from "./dtype.ts";
import { shapeError } from "./errors.ts";
import { inputsFirst, Node, upcomingId, type CustomRule } from "./graph.ts";
import { gradients } from "./gradients.ts";
import { barrierPrimitive, rulePrimitive } from "./primitives/rule.ts";
import { apply, Tensor, toTensor, type TensorLike } from "./tensor.ts";

// Four ways to change a derivative without touching a value. Each is a `rule` node, and they differ in the rule alone.

/**
 * x, as a constant: no gradient flows through it.
 *
 * @example
 * const at = tensor(3);
 * gradients(mul(at, stopGradient(at)), [at]) // [3]
 */
export function stopGradient(x: TensorLike): Tensor {
  return apply(rulePrimitive, [toTensor(x)], { label: "stopGradient" }, { kind: "rule", rule: () => [] });
}

/**
 * `f` with the derivative rule given instead of the graph's own. The rule is a graph function like any other: it gets
 * dL/dy, the inputs and y, and returns one cotangent (or null) for each input; it may be differentiated again.
 * Tensors that `f` uses without taking them as inputs are constants.
 *
 * @throws ShapeError when gradients are taken and the rule gives another number, or other shapes, of cotangents
 * @example const clipped = customVjp((x) => clamp(x, -1, 1), (dy) => [dy]); // straight-through
 */
export function customVjp(f: (...xs: Tensor[]) => Tensor, rule: CustomRule): (...xs: TensorLike[]) => Tensor {
  return (...xs) => {
    const ins = xs.map((x) => toTensor(x));
    const checked: CustomRule = (dY, tensors, y) => {
      const dIns = rule(dY, tensors, y);
      if (dIns.length === ins.length) return dIns;
      throw shapeError("customVjp", `one cotangent (or null) for each of ${ins.length} inputs`, `${dIns.length}`);
    };
    return apply(rulePrimitive, [f(...ins), ...ins], { label: "customVjp" }, { kind: "rule", rule: checked });
  };
}

/**
 * x, with `change` applied to its cotangent on the way back: clip it, scale it, reverse it. A graph function, called
 * when gradients are built, never with numbers; to watch a cotangent, read what `change` returns.
 *
 * @throws ShapeError when gradients are taken and `change` gives another shape or dtype
 * @example
 * const at = tensor(3);
 * gradients(hook(at, (dX) => dX.neg()).square(), [at]) // [-6]
 */
export function hook(x: TensorLike, change: (dX: Tensor) => Tensor): Tensor {
  const input = toTensor(x);
  return apply(rulePrimitive, [input, input], { label: "hook" }, { kind: "rule", rule: (dX) => [change(dX)] });
}

/**
 * `f`, which keeps nothing but its inputs for the backward pass and computes its inside again there: less memory for
 * one more forward. Same value and same gradients bit for bit, random draws included, as they read the same key; only
 * where several cotangents of one tensor meet may they be added in another order. Gradients reach whatever `f` uses,
 * inputs or not.
 *
 * Source: Chen et al., "Training deep nets with sublinear memory cost", arXiv 1604.06174.
 *
 * @example checkpoint((h) => tanh(matmul(h, transpose(h))))(x).shape // [3, 3]
 */
export function checkpoint(f: (...xs: Tensor[]) => Tensor): (...xs: TensorLike[]) => Tensor {
  return (...xs) => {
    const first = upcomingId();
    const y = f(...xs.map((x) => toTensor(x)));
    // What f made is its inside; what its inside reads from before, or from Variables, is its boundary.
    const isInside = (node: Node): boolean => node.id >= first && node.slot?.kind !== "variable";
    const nodes = inputsFirst([y.node], isInside);
    const inside = nodes.filter(isInside);
    const boundary = nodes.filter((node) => !isInside(node)).map((node) => new Tensor(node));
    const rule: CustomRule = (dY, ins) => {
      const again = ins.map((x) => apply(barrierPrimitive, [x, dY], {}));
      const copy = rebuild(inside, new Map(ins.map((x, i) => [boundary[i]!.node, again[i]!.node])));
      const wanted = again.filter(({ dtype }) => isFloat(dtype));
      const dWanted = gradients(new Tensor(copy.get(y.node) ?? y.node), wanted, { cotangent: dY });
      return again.map(({ dtype }) => (isFloat(dtype) ? dWanted.shift()! : null));
    };
    return apply(rulePrimitive, [y, ...boundary], { label: "checkpoint" }, { kind: "rule", rule });
  };
}

/** The nodes once more, over replaced inputs; what does not depend on them stays as it is. */
function rebuild(nodes: readonly Node[], replaced: Map<Node, Node>): Map<Node, Node> {
  for (const node of nodes) {
    if (!node.inputs.some((input) => replaced.has(input))) continue;
    const inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    replaced.set(node, new Node(node.primitive, inputs, node.attrs, node, node.slot));
  }
  return replaced;
}
