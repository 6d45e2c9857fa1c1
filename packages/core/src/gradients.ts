import { dtypeError, shapeError, SteelyardError } from "./errors.ts";
import { atGradientOf, describeNode, inputsFirst, type Node } from "./graph.ts";
import { isFloat } from "./dtype.ts";
import { add } from "./ops/arithmetic.ts";
import { sameShape, showShape, showSpec } from "./shape.ts";
import { full, Tensor, toTensor, type TensorLike } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/**
 * The reverse sweep: the cotangents of `xs`, given the cotangent of `y`.
 *
 * For a scalar y the cotangent is 1 and the results are ∂y/∂x, each with the shape and dtype of its x. An x that y does
 * not depend on has derivative zero. Nothing is computed here: the results are further nodes of the same graph, which
 * run on every device and differentiate again. A tensor that a commit has released is a constant: nothing flows to what
 * it was computed from.
 *
 * @param cotangent dL/dy with the shape of y; needed when y is not a scalar
 * @throws ShapeError when y is not a scalar and no cotangent is given, or the cotangent has another shape
 * @throws DTypeError when y or an x is not float, or the cotangent has another dtype than y
 * @throws ReleasedGraph when a commit has already released the graph of y
 * @example
 * const x = tensor([3, 4]);
 * gradients(x.square().sum(), [x]) // [[6, 8]]
 */
export function gradients(
  y: TensorLike,
  xs: readonly (Tensor | Variable)[],
  { cotangent }: { cotangent?: TensorLike } = {},
): Tensor[] {
  const out = toTensor(y);
  const ins = xs.map((x) => toTensor(x));
  ins.forEach(needsFloat);
  const cotangents = new Map<Node, Tensor>([[out.node, seed(out, cotangent)]]);
  const order = inputsFirst([out.node]);
  const reaching = dependents(order, new Set(ins.map(({ node }) => node)));
  // Outputs come before inputs, so when a node is reached all its cotangents have arrived.
  for (const node of order.toReversed()) {
    const dNode = cotangents.get(node);
    if (dNode === undefined || node.inputs.length === 0 || !reaching.has(node)) continue;
    const dInputs = atGradientOf(node, () => cotangentsOf(node, dNode));
    dInputs.forEach((dIn, i) => {
      const input = node.inputs[i]!;
      if (dIn === null || !reaching.has(input)) return;
      // A value used twice receives two cotangents; the chain rule adds them.
      const sum = cotangents.get(input);
      cotangents.set(input, sum === undefined ? dIn : atGradientOf(node, () => add(sum, dIn)));
    });
  }
  return ins.map((x) => cotangents.get(x.node) ?? full(x.shape, 0, x.dtype));
}

/** The primitive's own rule, held to its promise: a cotangent has the shape and dtype of its value. */
function cotangentsOf(node: Node, dNode: Tensor): readonly (Tensor | null)[] {
  const ins = node.inputs.map((input) => new Tensor(input));
  const dIns = node.primitive.vjp(dNode, { ins, out: new Tensor(node), attrs: node.attrs });
  // The first input of a rule node is the value of its function, which no caller counts.
  const skipped = node.slot?.kind === "rule" ? 1 : 0;
  dIns.forEach((dIn, i) => {
    const x = ins[i];
    if (dIn === null || (x !== undefined && sameShape(dIn.shape, x.shape) && dIn.dtype === x.dtype)) return;
    const needs = x === undefined ? `${ins.length} cotangents` : `a cotangent ${showSpec(x)}`;
    throw shapeError(`rule of ${describeNode(node)}`, needs, `${showSpec(dIn)} for input ${i - skipped}`);
  });
  return dIns;
}

/** The nodes through which y depends on some x; the sweep visits no others. */
function dependents(order: readonly Node[], xs: ReadonlySet<Node>): Set<Node> {
  const reaching = new Set<Node>();
  for (const node of order) {
    if (xs.has(node) || (isFloat(node.dtype) && node.inputs.some((input) => reaching.has(input)))) reaching.add(node);
  }
  return reaching;
}

/** The cotangent that the sweep starts with: the one given, or 1 for a scalar. */
function seed(y: Tensor, cotangent: TensorLike | undefined): Tensor {
  needsFloat(y);
  if (y.node.released) {
    throw new SteelyardError({
      code: "ReleasedGraph",
      who: "gradients",
      needs: "a y whose graph is still there",
      got: `${describeNode(y.node)}, whose graph was released by the step that computed it`,
      hint: "take the gradients before `await step(…)`",
    });
  }
  if (cotangent === undefined) {
    if (y.rank === 0) return full([], 1, y.dtype);
    const hint = "reduce y with sum() or mean(), or pass {cotangent}";
    throw shapeError("gradients", "a scalar y", showShape(y.shape), hint);
  }
  const dY = toTensor(cotangent, y.dtype);
  if (!sameShape(dY.shape, y.shape)) {
    throw shapeError("gradients", `a cotangent of shape ${showShape(y.shape)}`, showShape(dY.shape));
  }
  if (dY.dtype !== y.dtype) throw dtypeError("gradients", `a cotangent of dtype ${y.dtype}`, dY.dtype, "cast it");
  return dY;
}

function needsFloat(x: Tensor): void {
  if (isFloat(x.dtype)) return;
  throw dtypeError("gradients", "f16, f32 or f64 tensors", showSpec(x), "integers have no gradient");
}
